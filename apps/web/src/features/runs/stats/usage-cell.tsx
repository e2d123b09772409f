import { sparkline } from './series.ts';

const WIDTH = 40;
const HEIGHT = 16;

/** A number with the line of its last minutes. The line repeats nothing that is not said: it is left out for those who cannot see it. */
export function UsageCell({ values, text, top }: { values: readonly number[]; text: string; top: number }) {
  return (
    <span className="flex items-center justify-end gap-1.5 text-muted tabular-nums max-lg:hidden">
      <span className="truncate">{text}</span>
      {values.length > 1 ? (
        <svg aria-hidden="true" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="shrink-0 text-state-blue">
          <polyline
            points={sparkline(values, WIDTH, HEIGHT, top)}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.25"
            strokeLinejoin="round"
          />
        </svg>
      ) : (
        <span className="shrink-0" style={{ width: WIDTH }} />
      )}
    </span>
  );
}
