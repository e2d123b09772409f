'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import { formatBytes } from '@berth/shared/model/quantity-text';
import type { Run } from '@berth/shared/model/run';
import { parseAsInteger, parseAsStringLiteral, useQueryState } from 'nuqs';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../../lib/api.ts';
import { useKeys } from '../../../lib/keys.ts';
import { ScrollArea } from '../../../ui/scroll-area.tsx';
import { useMoment } from '../use-moment.ts';
import type { LogLine } from './line-splitter.ts';
import type { Filter } from './log-part.ts';
import { LogRows } from './log-rows.tsx';
import { LogSearchBar } from './log-search-bar.tsx';
import { FILTERS, LogToolbar } from './log-toolbar.tsx';
import { useLogCopy } from './use-log-copy.ts';
import { type Search, useLogSearch } from './use-log-search.ts';
import { useLogView } from './use-log-view.ts';
import { useOpenLog } from './use-open-log.ts';
import { usePreference } from './use-preference.ts';
import type { WholeLog } from './whole-log.ts';

/** The output, all of it, live. Only the rows in sight are elements; the lines themselves are not React's. */
export function LogPanel({ run, workspace }: { run: Run; workspace: string }) {
  const id = run.metadata.id;
  const { open, problem } = useOpenLog(workspace, run);
  /** The line that is linked to, by its place; its time, which the charts show too. */
  const [at, setAt] = useQueryState('at', parseAsInteger);
  const [moment, setMoment] = useMoment();
  const [search, setSearch] = useState<Search>({ text: '', regex: false, ignoreCase: true });
  const field = useRef<HTMLInputElement>(null);
  const [stream, setStream] = useQueryState('stream', parseAsStringLiteral(FILTERS).withDefault('all'));
  const [wrap, setWrap] = usePreference('log-wrap', true);
  const [times, setTimes] = usePreference('log-times', true);
  const scroller = useRef<HTMLElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const { view, shown } = useLogView(open, { workspace, run: id, filter: stream, wrap, times }, scroller, rows);
  const { copy, copyProblem } = useLogCopy(open?.log ?? null, rows, { workspace, id });
  const complete = open?.log.buffer.complete ?? false;
  const follow = shown?.follow ?? true;

  const found = useLogSearch(workspace, id, search, stream === 'all' ? null : stream, complete ? 1 : 0);
  const current = at === null ? -1 : found.matches.findIndex(({ position }) => position === at);
  const goTo = (position: number) => {
    void setAt(position);
    view?.goTo(position);
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
  const resume = () => view?.follow(true);
  useKeys([
    { keys: '/', label: 'Search the log', run: () => field.current?.focus() },
    { keys: 'f', label: 'Follow the log', run: () => view?.follow(!follow) },
    { keys: 'w', label: 'Wrap long lines', run: () => setWrap(!wrap) },
    { keys: 'N', label: 'Previous match', run: () => step(-1) },
    { keys: 'G', label: 'End of the log', run: resume },
  ]);

  // A link to a line, or to a time.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with what stands in the address
  useEffect(() => {
    if (view === null) return;
    if (at !== null) return view.goTo(at);
    if (moment === null) return;
    const ending = new AbortController();
    api.logPlaceAt(workspace, id, moment, ending.signal).then(
      (position) => position !== null && goTo(position),
      // The log is there all the same, from its end.
      () => undefined,
    );
    return () => ending.abort();
  }, [view]);
  const marked = at === null ? null : (open?.log.lineAt(at) ?? null);
  const markedAt = marked?.at ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another line is marked
  useEffect(() => {
    if (markedAt !== null) setMoment(new Date(markedAt));
  }, [markedAt]);
  const link = (line: LogLine) => {
    const off = marked === line;
    void setAt(off ? null : line.position);
    setMoment(off ? null : new Date(line.at));
  };

  const frame = shown?.frame;
  const empty = frame === undefined || (frame.rows.length === 0 && frame.holes.length === 0);
  return (
    <section aria-label="Log" className="relative flex min-h-0 flex-1 flex-col">
      <LogToolbar
        run={run}
        workspace={workspace}
        filter={stream}
        onFilter={(next) => void setStream(next)}
        size={open ? sizeWords(open.log) : ''}
        follow={{ on: follow, set: (on) => view?.follow(on) }}
        wrap={{ on: wrap, set: setWrap }}
        times={{ on: times, set: setTimes }}
      >
        <LogSearchBar field={field} search={search} onSearch={setSearch} found={found} current={current} step={step} />
      </LogToolbar>
      {search.text !== '' && found.problem !== null && (
        <p role="alert" className="border-b border-line bg-tint-red px-4 py-1 text-sm md:px-6">
          {found.problem}
        </p>
      )}
      {(copyProblem ?? shown?.problem) && (
        <p role="alert" className="border-b border-line bg-tint-amber px-4 py-1 text-sm md:px-6">
          {copyProblem ?? shown?.problem}
        </p>
      )}
      <ScrollArea
        ref={scroller}
        label="Output"
        onCopy={copy}
        className="relative min-h-64 flex-1 basis-0 overflow-auto bg-sunken font-mono text-sm leading-5 outline-offset-[-2px] [overflow-anchor:none]"
      >
        {empty ? (
          <p className="px-4 py-3 font-sans text-muted md:px-6">{problem ?? emptyWords(run, open === null, complete, stream)}</p>
        ) : (
          <LogRows ref={rows} frame={frame} marked={marked} times={times} wrap={wrap} onLink={link} />
        )}
      </ScrollArea>
      {shown !== null && shown.fresh > 0 && (
        <button
          type="button"
          onClick={resume}
          className="absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full border border-line-strong bg-panel px-3 py-1 font-medium text-accent shadow-float"
        >
          ↓ {shown.fresh.toLocaleString('en')} new {shown.fresh === 1 ? 'line' : 'lines'}
        </button>
      )}
    </section>
  );
}

function sizeWords(log: WholeLog): string {
  const { lines, exact } = log.count();
  return `${exact ? '' : 'about '}${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'}, ${formatBytes(log.buffer.position)}`;
}

function emptyWords(run: Run, opening: boolean, complete: boolean, stream: Filter): string {
  if (opening) return 'Opening the log …';
  if (run.status.logBytes > 0 && stream !== 'all') return `Nothing was written to ${stream}.`;
  if (run.status.logBytes > 0 && !complete) return '';
  if (isTerminal(run.status.phase)) return run.status.startedAt ? 'It wrote no output.' : 'It never started, so there is no output.';
  return run.status.phase === 'running' ? 'No output yet.' : 'Its output appears here as soon as it is written.';
}
