/** What is reserved of what there is (solid) and what is used of it (a line below); the bars repeat the words for the eye. */
interface MeterProps {
  label: string;
  reserved: number;
  /** Null: not known. */
  used: number | null;
  total: number;
  words: string;
  /** Full is as it should be: no warning. */
  calm?: boolean;
}

export function Meter({ label, reserved, used, total, words, calm = false }: MeterProps) {
  const part = partOf(reserved, total);
  return (
    <div>
      <div className="mb-1 flex justify-between gap-2 text-sm">
        <span className="text-muted">{label}</span>
        <span className="text-right tabular-nums">{words}</span>
      </div>
      <div aria-hidden="true" className="overflow-hidden rounded-full bg-hover">
        <div className={`h-1.5 ${part > 0.9 && !calm ? 'bg-state-amber' : 'bg-accent-fill'}`} style={{ width: `${part * 100}%` }} />
        <div className="h-0.5 bg-state-green" style={{ width: `${partOf(used ?? 0, total) * 100}%` }} />
      </div>
    </div>
  );
}

const partOf = (some: number, all: number): number => (all > 0 ? Math.min(1, some / all) : 0);
