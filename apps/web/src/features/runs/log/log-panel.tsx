'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import { formatBytes } from '@berth/shared/model/quantity-text';
import type { Run } from '@berth/shared/model/run';
import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { ArrowDown, Clock, Download, WrapText } from 'lucide-react';
import { parseAsInteger, parseAsStringLiteral, useQueryState } from 'nuqs';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useKeys } from '../../../lib/keys.ts';
import { apiPaths } from '../../../lib/paths.ts';
import { buttonClass } from '../../../ui/button.tsx';
import { ScrollArea } from '../../../ui/scroll-area.tsx';
import type { LogLine } from './log-buffer.ts';
import { LogRow } from './log-row.tsx';
import { LogSearchBar } from './log-search-bar.tsx';
import { useLog, useLogWindow, WINDOW_BYTES } from './use-log.ts';
import { type Search, useLogSearch } from './use-log-search.ts';
import { usePreference } from './use-preference.ts';

const STREAMS = ['all', 'stdout', 'stderr'] as const;
const ROW = 20;
/** This near to the end the reader counts as being there. */
const NEAR_END = 24;
/** Of a longer log the panel opens with its end, and reads the rest where somebody goes there. */
const LIVE_BYTES = 4 * 1024 * 1024;
/** Before a line that was asked for, so much is shown with it. */
const CONTEXT_BYTES = 64 * 1024;

/** The output, live. Only the rows in sight are elements; the lines themselves are not React's. */
export function LogPanel({ run, workspace }: { run: Run; workspace: string }) {
  const id = run.metadata.id;
  const [liveStart] = useState(() => Math.max(0, run.status.logBytes - LIVE_BYTES));
  const live = useLog(workspace, id, liveStart);
  /** Where the part of the log begins that is shown instead of its live end; null for that. */
  const [start, setStart] = useState<number | null>(null);
  const part = useLogWindow(workspace, id, start);
  const { buffer, version, problem } = part ?? live;
  /** The line that is linked to, by its place. */
  const [at, setAt] = useQueryState('at', parseAsInteger);
  const [search, setSearch] = useState<Search>({ text: '', regex: false, ignoreCase: true });
  const field = useRef<HTMLInputElement>(null);
  /** The place that is still to be scrolled to. */
  const wanted = useRef<number | null>(at);
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
    setStart(null);
    setFollow(true);
  };

  const found = useLogSearch(workspace, id, search, stream === 'all' ? null : stream, live.buffer.complete ? 1 : 0);
  const current = at === null ? -1 : found.matches.findIndex(({ position }) => position === at);
  const goTo = (position: number) => {
    pause();
    wanted.current = position;
    void setAt(position);
    if (live.buffer.covers(position)) setStart(null);
    else if (start === null || !buffer.covers(position) || position >= buffer.position) setStart(Math.max(0, position - CONTEXT_BYTES));
  };
  const step = (by: 1 | -1) => {
    const { matches } = found;
    // From the line that is shown, also where it is not one that was found; without one from the end back, or the beginning on.
    const from = at ?? (by > 0 ? -1 : Number.POSITIVE_INFINITY);
    const next =
      by > 0
        ? (matches.find(({ position }) => position > from) ?? matches[0])
        : (matches.findLast(({ position }) => position < from) ?? matches.at(-1));
    if (next) goTo(next.position);
  };
  useKeys([
    { keys: '/', label: 'Search the log', run: () => field.current?.focus() },
    { keys: 'f', label: 'Follow the log', run: () => (follow ? pause() : resume()) },
    { keys: 'w', label: 'Wrap long lines', run: () => setWrap(!wrap) },
    { keys: 'N', label: 'Previous match', run: () => step(-1) },
    { keys: 'G', label: 'End of the log', run: resume },
  ]);

  // A link to a line that the live end of the log does not hold.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with what stands in the address
  useEffect(() => {
    if (at !== null) goTo(at);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: tries again whenever there are more lines
  useEffect(() => {
    const place = wanted.current;
    if (place === null || lines.length === 0 || place >= buffer.position) return;
    // It was held when it was asked for, and was let go while more came.
    if (start === null && !buffer.covers(place)) return setStart(Math.max(0, place - CONTEXT_BYTES));
    const index = stream === 'all' ? buffer.indexAt(place) : lines.findLastIndex(({ position }) => position <= place);
    wanted.current = null;
    if (index >= 0) virtual.scrollToIndex(index, { align: 'center' });
  }, [lines, version, at, start]);
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const up = element.scrollTop < lastTop.current - 1;
    lastTop.current = element.scrollTop;
    if (isAtEnd(element) && !up && start === null) setFollow(true);
    else if (up && !isAtEnd(element) && follow) pause();
  };
  const fresh = follow || start !== null ? 0 : lines.length - countBelow(lines, left);
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
        <LogSearchBar field={field} search={search} onSearch={setSearch} found={found} current={current} step={step} />
        <span className="ml-auto mr-1 text-sm tabular-nums text-muted">
          <span className="max-sm:hidden">{formatBytes(live.buffer.position)}</span>
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
      {search.text !== '' && found.problem !== null && (
        <p role="alert" className="border-b border-line bg-tint-red px-4 py-1 text-sm md:px-6">
          {found.problem}
        </p>
      )}
      {start !== null ? (
        <Place words={`From ${formatBytes(start)} of ${formatBytes(live.buffer.position)} on; what is written now is not shown.`}>
          {start > 0 && (
            <button type="button" className={buttonClass('quiet', true)} onClick={() => setStart(Math.max(0, start - WINDOW_BYTES))}>
              Earlier
            </button>
          )}
          {buffer.position < live.buffer.position && (
            <button type="button" className={buttonClass('quiet', true)} onClick={() => setStart(buffer.position)}>
              Later
            </button>
          )}
          <button type="button" className={buttonClass('quiet', true)} onClick={resume}>
            To the end
          </button>
        </Place>
      ) : (
        (buffer.start > 0 || buffer.dropped > 0) && (
          <Place
            words={`The first ${formatBytes(buffer.lines[0]?.position ?? buffer.start)} are not shown here; searching finds what is in them.`}
          >
            <button type="button" className={buttonClass('quiet', true)} onClick={() => goTo(0)}>
              To the beginning
            </button>
          </Place>
        )
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
                    <LogRow
                      line={line}
                      text={line.text}
                      times={times}
                      wrap={wrap}
                      marked={line.position === at}
                      onLink={() => void setAt((before) => (before === line.position ? null : line.position))}
                    />
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

/** What part of the log is shown, and how to get to another one. */
function Place({ words, children }: { words: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-1 border-b border-line bg-tint-amber px-4 py-0.5 text-sm md:px-6">
      <p className="mr-auto py-1">{words}</p>
      {children}
    </div>
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
