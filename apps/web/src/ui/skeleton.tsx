/** Stands for rows on the very first load only; it does not move. */
export function Skeleton({ rows = 6, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3 p-4">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={index} className="h-4 rounded bg-hover" style={{ width: `${88 - ((index * 13) % 40)}%` }} />
      ))}
    </div>
  );
}
