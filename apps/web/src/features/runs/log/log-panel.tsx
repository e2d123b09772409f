'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import { formatBytes } from '@berth/shared/model/quantity-text';
import type { Run } from '@berth/shared/model/run';
import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { ArrowDown, Clock, Download, WrapText } from 'lucide-react';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useEffect, useMemo, useRef, useState } from 'react';
import { apiPaths } from '../../../lib/paths.ts';
import { buttonClass } from '../../../ui/button.tsx';
import { ScrollArea } from '../../../ui/scroll-area.tsx';
import type { LogLine } from './log-buffer.ts';
import { LogRow } from './log-row.tsx';
import { useLog } from './use-log.ts';
import { usePreference } from './use-preference.ts';

const STREAMS = ['all', 'stdout', 'stderr'] as const;
const ROW = 20;
/** This near to the end the reader counts as being there. */
const NEAR_END = 24;

/** The output, live. Only the rows in sight are elements; the lines themselves are not React's. */
export function LogPanel({ run, workspace }: { run: Run; workspace: string }) {
  const id = run.metadata.id;
  const { buffer, version, problem } = useLog(workspace, id);
  const [stream, setStream] = useQueryState('stream', parseAsStringLiteral(STREAMS).withDefault('all'));
  const [wrap, setWrap] = usePreference('log-wrap', true);
  const [times, setTimes] = usePreference('log-times', true);
  const [follow, setFollow] = useState(true);
  const [left, setLeft] = useState(0);
  const scroller = useRef<HTMLElement>(null);
  const lastTop = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the lines, which are not React's, have changed
  const lines: readonly LogLine[] = useMemo(
    () => (stream === 'all' ? buffer.lines : buffer.lines.filter((line) => line.stream === stream)),
    [buffer, version, stream],
  );
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
    paddingStart: 8,
    paddingEnd: 8,
    getItemKey: (index) => lines[index]?.number ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights change with these
  useEffect(() => virtual.measure(), [virtual, wrap, times]);

  const end = (lines.at(-1)?.number ?? -1) + 1;
  const pause = () => {
    setFollow(false);
    setLeft(end);
  };
  const height = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows whatever makes the log longer
  useEffect(() => {
    const element = scroller.current;
    if (!element || !follow) return;
    // Output may come faster than the browser tells of scrolling: a reader who moved up since must not be pulled back.
    const movedUp = element.scrollTop < lastTop.current - 4 && !isAtEnd(element);
    if (movedUp) return pause();
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  }, [follow, version, height, lines.length]);

  const resume = () => {
    lastTop.current = 0;
    setFollow(true);
  };
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const up = element.scrollTop < lastTop.current - 1;
    lastTop.current = element.scrollTop;
    if (isAtEnd(element) && !up) setFollow(true);
    else if (up && !isAtEnd(element) && follow) pause();
  };
  const fresh = follow ? 0 : lines.length - countBelow(lines, left);
  const toggle = (on: boolean) => clsx(buttonClass('quiet', true), on && '!text-text !bg-hover');

  return (
    <section aria-label="Log" className="relative flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-1 border-b border-line px-3 py-1 md:px-5">
        <select
          aria-label="Stream"
          value={stream}
          onChange={(event) => void setStream(STREAMS.find((one) => one === event.target.value) ?? 'all')}
          className="field !min-h-7 w-auto !py-0 text-sm"
        >
          <option value="all">stdout and stderr</option>
          <option value="stdout">stdout</option>
          <option value="stderr">stderr</option>
        </select>
        <span className="ml-auto mr-1 text-sm tabular-nums text-muted">
          <span className="max-sm:hidden">{formatBytes(buffer.position)}</span>
        </span>
        <button type="button" aria-pressed={follow} onClick={() => (follow ? pause() : resume())} className={toggle(follow)}>
          <ArrowDown size={13} aria-hidden="true" />
          follow
        </button>
        <button type="button" aria-pressed={wrap} onClick={() => setWrap(!wrap)} className={toggle(wrap)}>
          <WrapText size={13} aria-hidden="true" />
          wrap
        </button>
        <button type="button" aria-pressed={times} onClick={() => setTimes(!times)} className={clsx(toggle(times), 'max-sm:hidden')}>
          <Clock size={13} aria-hidden="true" />
          times
        </button>
        <a
          href={apiPaths.runLogs(workspace, id)}
          download={`${run.metadata.name}.log`}
          className={buttonClass('quiet', true)}
          aria-label="Download the log"
        >
          <Download size={13} aria-hidden="true" />
        </a>
      </div>
      {buffer.dropped > 0 && (
        <p className="border-b border-line bg-tint-amber px-4 py-1 text-sm md:px-6">
          The first {buffer.dropped.toLocaleString('en')} lines are no longer held in this page; the download has all of them.
        </p>
      )}
      <ScrollArea
        ref={scroller}
        label="Output"
        onScroll={onScroll}
        className="min-h-64 flex-1 basis-0 overflow-auto bg-sunken font-mono text-sm leading-5 outline-offset-[-2px]"
      >
        {lines.length === 0 ? (
          <p className="px-4 py-3 font-sans text-muted md:px-6">{problem ?? emptyWords(run, buffer.complete, stream)}</p>
        ) : (
          <div className="relative min-w-full" style={{ height }}>
            {virtual.getVirtualItems().map((item) => {
              const line = lines[item.index];
              return (
                line && (
                  <div
                    key={item.key}
                    ref={wrap ? virtual.measureElement : undefined}
                    data-index={item.index}
                    data-line={line.number}
                    className={clsx('absolute left-0 top-0', wrap ? 'w-full' : 'min-w-full whitespace-pre')}
                    style={{ transform: `translateY(${item.start}px)` }}
                  >
                    <LogRow line={line} text={line.text} times={times} wrap={wrap} />
                  </div>
                )
              );
            })}
          </div>
        )}
      </ScrollArea>
      {fresh > 0 && (
        <button
          type="button"
          onClick={resume}
          className="absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full border border-line-strong bg-panel px-3 py-1 font-medium text-accent shadow-float"
        >
          ↓ {fresh.toLocaleString('en')} new {fresh === 1 ? 'line' : 'lines'}
        </button>
      )}
    </section>
  );
}

/** How many of the lines, which are in order, have a smaller number. */
function countBelow(lines: readonly LogLine[], number: number): number {
  return lines.findLastIndex((line) => line.number < number) + 1;
}

function isAtEnd(element: HTMLElement): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
}

function emptyWords(run: Run, complete: boolean, stream: (typeof STREAMS)[number]): string {
  if (run.status.logBytes > 0 && stream !== 'all') return `Nothing was written to ${stream}.`;
  if (run.status.logBytes > 0 && !complete) return '';
  if (isTerminal(run.status.phase)) return run.status.startedAt ? 'It wrote no output.' : 'It never started, so there is no output.';
  return run.status.phase === 'running' ? 'No output yet.' : 'Its output appears here as soon as it is written.';
}
