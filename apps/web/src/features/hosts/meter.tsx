/** What is reserved of what there is; the bar repeats the words for the eye. */
export function Meter({ label, used, total, words }: { label: string; used: number; total: number; words: string }) {
  const part = total > 0 ? Math.min(1, used / total) : 0;
  return (
    <div>
      <div className="mb-1 flex justify-between gap-2 text-sm">
        <span className="text-muted">{label}</span>
        <span className="tabular-nums">{words}</span>
      </div>
      <div aria-hidden="true" className="h-1.5 overflow-hidden rounded-full bg-hover">
        <div className={`h-full rounded-full ${part > 0.9 ? 'bg-state-amber' : 'bg-accent-fill'}`} style={{ width: `${part * 100}%` }} />
      </div>
    </div>
  );
}
