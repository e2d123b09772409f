'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useKeys } from '../../lib/keys.ts';
import type { RunFilters } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useWide } from '../../ui/use-wide.ts';
import { BulkBar } from './bulk-bar.tsx';
import { RUN_GRID, RunRow } from './run-row.tsx';
import { useLatestStats } from './stats/use-latest-stats.ts';
import { useRunList } from './use-run-list.ts';
import { useSelection } from './use-selection.ts';

interface RunListProps {
  filters: RunFilters;
  withHost?: boolean;
  /** Turns its order around. */
  onTurn?: () => void;
  empty: React.ReactNode;
}

/** One line a run, newest first where nobody has turned it; only the rows in sight exist, and pages are read as the reader comes near them. */
export function RunList({ filters, withHost = true, onTurn, empty }: RunListProps) {
  const workspace = useWorkspace();
  const scroller = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(false);
  const [onRow, setOnRow] = useState(false);
  const wide = useWide();
  const { query, rows, unseen, showAll } = useRunList(workspace, filters, scrolled || onRow);
  const stats = useLatestStats(workspace);
  const selection = useSelection(rows);
  const newest = useRef(selection);
  newest.current = selection;
  // One function for all rows and renders: a row is drawn again only when it has changed.
  const onTick = useCallback((id: string, range: boolean) => newest.current.toggle(id, range), []);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (wide ? 36 : 56),
    overscan: 4,
    getItemKey: (index) => rows[index]?.metadata.id ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are of another height then
  useEffect(() => virtual.measure(), [virtual, wide]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 30) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const step = (by: 1 | -1) => {
    const at = Number(document.activeElement?.closest('[data-index]')?.getAttribute('data-index') ?? (by === 1 ? -1 : 0));
    const to = Math.max(0, Math.min(rows.length - 1, at + by));
    virtual.scrollToIndex(to);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] [data-row-link]`)?.focus({ preventScroll: true }),
    );
  };
  useKeys([
    { keys: 'j', label: 'Next run', run: () => step(1) },
    { keys: 'k', label: 'Run before', run: () => step(-1) },
    {
      keys: 'x',
      label: 'Select the run',
      run: () => {
        const run = rows[Number(document.activeElement?.closest('[data-index]')?.getAttribute('data-index') ?? -1)];
        if (run) selection.toggle(run.metadata.id, false);
      },
    },
    { keys: 'Escape', label: 'Select none', run: selection.clear },
    {
      keys: 'Enter',
      label: 'Open the run',
      run: () => (document.activeElement instanceof HTMLElement ? document.activeElement.click() : undefined),
    },
  ]);

  if (query.isPending) return <Skeleton label="Reading the runs" rows={10} />;
  if (query.isError && rows.length === 0) {
    return (
      <div className="p-4 md:px-6">
        <Failure action={<Button onClick={() => void query.refetch()}>Try again</Button>}>{query.error.message}</Failure>
      </div>
    );
  }
  if (rows.length === 0 && unseen === 0) return empty;

  const jump = () => {
    showAll();
    setOnRow(false);
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div className={`${RUN_GRID} border-b border-line py-1.5 text-sm text-muted max-md:!hidden`}>
        <span />
        <span>State</span>
        <span>Name</span>
        <span>Image</span>
        <span>{withHost && 'Host'}</span>
        <span className="text-right max-lg:hidden" title="Of one core">
          CPU
        </span>
        <span className="text-right max-lg:hidden">Memory</span>
        <span className="text-right">
          {onTurn ? (
            <button
              type="button"
              onClick={onTurn}
              title={filters.order === 'oldest' ? 'Show the newest first' : 'Show the oldest first'}
              className="whitespace-nowrap hover:text-text"
            >
              Age <span aria-hidden="true">{filters.order === 'oldest' ? '↓' : '↑'}</span>
            </button>
          ) : (
            'Age'
          )}
        </span>
        <span className="text-right">Ran for</span>
      </div>
      <div aria-live="polite" className="pointer-events-none absolute inset-x-0 top-10 z-20 flex justify-center">
        {unseen > 0 && (
          <button
            type="button"
            onClick={jump}
            className="pointer-events-auto rounded-full border border-line-strong bg-panel px-3 py-1 font-medium text-accent shadow-float"
          >
            ↑ {unseen} new
          </button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only notes where its reader is */}
      <div
        ref={scroller}
        className="min-h-0 flex-1 overflow-auto contain-content will-change-scroll"
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop > 24)}
        onFocus={(event) => setOnRow(event.target.matches('[data-row-link]:focus-visible'))}
        onBlur={() => setOnRow(false)}
      >
        <ol aria-label="Runs" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const run = rows[item.index];
            return (
              run && (
                <li
                  key={item.key}
                  data-index={item.index}
                  aria-posinset={item.index + 1}
                  aria-setsize={hasNextPage ? -1 : rows.length}
                  className="absolute inset-x-0 contain-strict"
                  style={{ height: item.size, top: item.start }}
                >
                  <RunRow
                    run={run}
                    workspace={workspace}
                    withHost={withHost}
                    ticked={selection.ids.has(run.metadata.id)}
                    used={stats.get(run.metadata.id)}
                    onTick={onTick}
                  />
                </li>
              )
            );
          })}
        </ol>
      </div>
      {selection.selected.length > 0 && (
        <BulkBar workspace={workspace} selected={selection.selected} onAll={selection.all} onClear={selection.clear} />
      )}
    </div>
  );
}
