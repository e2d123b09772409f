'use client';
import { clsx } from 'clsx';
import type { RefObject } from 'react';
import type { LogLine } from './line-splitter.ts';
import { LogRow } from './log-row.tsx';
import type { DrawnRow, Frame } from './log-window.ts';
import { useKeptRows } from './use-log-copy.ts';

interface Props {
  ref: RefObject<HTMLDivElement | null>;
  frame: Frame;
  /** The line that the address names. */
  marked: LogLine | null;
  times: boolean;
  wrap: boolean;
  onLink: (line: LogLine) => void;
}

/** The rows in sight, where they lie in what is scrolled. In the place of those that are still to be read is room for them. */
export function LogRows({ ref, frame, marked, times, wrap, onLink }: Props) {
  const kept = useKeptRows(ref, frame);
  return (
    <div className="relative min-w-full" style={{ height: frame.height }}>
      {frame.holes.map(({ from, top, height }) => (
        <div key={from} aria-hidden="true" data-hole={from} className="log-hole absolute left-0 w-full" style={{ top, height }} />
      ))}
      <div ref={ref}>
        {withKept(frame.rows, kept).map(({ line, top, away }) => (
          <div
            key={line.position}
            data-line={line.position}
            className={clsx('absolute left-0 top-0', away && 'h-0 overflow-hidden', wrap ? 'w-full' : 'min-w-full whitespace-pre')}
            style={{ transform: `translateY(${top}px)` }}
          >
            <LogRow line={line} text={line.text} times={times} wrap={wrap} marked={line === marked} onLink={onLink} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** In their order; what is kept and not in sight takes no room. */
function withKept(rows: readonly DrawnRow[], kept: ReadonlyMap<number, DrawnRow>): (DrawnRow & { away: boolean })[] {
  const drawn = rows.map((row) => ({ ...row, away: false }));
  const places = new Set(rows.map(({ line }) => line.position));
  const top = rows[0]?.top ?? 0;
  const away = [...kept.values()].filter(({ line }) => !places.has(line.position)).map((row) => ({ ...row, top, away: true }));
  return away.length === 0 ? drawn : [...drawn, ...away].sort((a, b) => a.line.position - b.line.position);
}
