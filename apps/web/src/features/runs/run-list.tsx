'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useKeys } from '../../lib/keys.ts';
import type { RunFilters } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { RUN_GRID, RunRow } from './run-row.tsx';
import { useRunList } from './use-run-list.ts';

const WIDE = '(min-width: 768px)';
const onWide = (listener: () => void) => {
  const media = matchMedia(WIDE);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
};

/** One line a run, newest first; only the rows in sight exist, and pages are read as the reader comes near them. */
export function RunList({ filters, withHost = true, empty }: { filters: RunFilters; withHost?: boolean; empty: React.ReactNode }) {
  const workspace = useWorkspace();
  const scroller = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(false);
  const [onRow, setOnRow] = useState(false);
  const wide = useSyncExternalStore(
    onWide,
    () => matchMedia(WIDE).matches,
    () => true,
  );
  const { query, rows, unseen, showAll } = useRunList(workspace, filters, scrolled || onRow);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (wide ? 36 : 56),
    overscan: 12,
    getItemKey: (index) => rows[index]?.metadata.id ?? index,
  });
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
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] [data-row-link]`)?.focus({ preventScroll: true }));
  };
  useKeys([
    { keys: 'j', label: 'Next run', run: () => step(1) },
    { keys: 'k', label: 'Run before', run: () => step(-1) },
    { keys: 'Enter', label: 'Open the run', run: () => (document.activeElement instanceof HTMLElement ? document.activeElement.click() : undefined) },
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
    <div role="table" aria-label="Runs" aria-rowcount={hasNextPage ? -1 : rows.length + 1} className="relative flex min-h-0 flex-1 flex-col">
      <div role="rowgroup">
        <div role="row" className={`${RUN_GRID} border-b border-line py-1.5 text-sm text-muted max-md:sr-only`}>
          <span role="columnheader">State</span>
          <span role="columnheader">Name</span>
          <span role="columnheader">Image</span>
          <span role="columnheader">{withHost ? 'Host' : <span className="sr-only">Host</span>}</span>
          <span role="columnheader" className="text-right">
            Age
          </span>
          <span role="columnheader" className="text-right">
            Ran for
          </span>
        </div>
      </div>
      <div aria-live="polite" className="pointer-events-none absolute inset-x-0 top-10 z-10 flex justify-center">
        {unseen > 0 && (
          <button type="button" onClick={jump} className="pointer-events-auto rounded-full border border-line-strong bg-panel px-3 py-1 font-medium text-accent shadow-float">
            ↑ {unseen} new
          </button>
        )}
      </div>
      <div
        ref={scroller}
        role="rowgroup"
        className="min-h-0 flex-1 overflow-auto"
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop > 24)}
        onFocus={(event) => setOnRow(event.target.matches('[data-row-link]:focus-visible'))}
        onBlur={() => setOnRow(false)}
      >
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const run = rows[item.index];
            return (
              run && (
                <div
                  key={item.key}
                  role="presentation"
                  data-index={item.index}
                  className="absolute inset-x-0 top-0"
                  style={{ height: item.size, transform: `translateY(${item.start}px)` }}
                >
                  <RunRow run={run} workspace={workspace} withHost={withHost} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
