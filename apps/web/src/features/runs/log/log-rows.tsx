'use client';
import { clsx } from 'clsx';
import type { Ref } from 'react';
import type { LogLine } from './line-splitter.ts';
import { LogRow } from './log-row.tsx';
import type { Frame } from './log-window.ts';

interface Props {
  ref: Ref<HTMLDivElement>;
  frame: Frame;
  /** The line that the address names. */
  marked: LogLine | null;
  times: boolean;
  wrap: boolean;
  onLink: (line: LogLine) => void;
}

/** The rows in sight, where they lie in what is scrolled. In the place of those that are still to be read is room for them. */
export function LogRows({ ref, frame, marked, times, wrap, onLink }: Props) {
  return (
    <div className="relative min-w-full" style={{ height: frame.height }}>
      {frame.holes.map(({ from, top, height }) => (
        <div key={from} aria-hidden="true" data-hole={from} className="log-hole absolute left-0 w-full" style={{ top, height }} />
      ))}
      <div ref={ref}>
        {frame.rows.map(({ line, top }) => (
          <div
            key={line.position}
            data-line={line.position}
            className={clsx('absolute left-0 top-0', wrap ? 'w-full' : 'min-w-full whitespace-pre')}
            style={{ transform: `translateY(${top}px)` }}
          >
            <LogRow line={line} text={line.text} times={times} wrap={wrap} marked={line === marked} onLink={onLink} />
          </div>
        ))}
      </div>
    </div>
  );
}
