'use client';
import type { HostCell } from '@berth/shared/model/host-map';
import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../../../lib/keys.ts';
import { useWide } from '../../../ui/use-wide.ts';
import type { Sort } from './host-cells.ts';
import { HOST_GRID, HostRow } from './host-row.tsx';
import type { HostView } from './use-host-view.ts';
import { useSteadyOrder } from './use-steady-order.ts';

/** Of the head, which stays over the rows. */
const HEAD_PX = 33;
const COLUMNS: { sort: Sort; word: string; className?: string }[] = [
  { sort: 'name', word: 'Name' },
  { sort: 'state', word: 'State' },
  { sort: 'cpu', word: 'CPU' },
  { sort: 'memory', word: 'Memory' },
  { sort: 'runs', word: 'Runs', className: 'justify-end' },
];

/** One line a host; only the rows in sight exist. */
export function HostTable({ cells, view, workspace }: { cells: readonly HostCell[]; view: HostView; workspace: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(false);
  const [over, setOver] = useState(false);
  const wide = useWide();
  const rows = useSteadyOrder(cells, view.sort, view.reverse, scrolled || over);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (wide ? 36 : 56),
    overscan: 4,
    scrollPaddingStart: HEAD_PX,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are of another height then
  useEffect(() => virtual.measure(), [virtual, wide]);

  const step = (by: 1 | -1) => {
    const at = Number(document.activeElement?.closest('[data-index]')?.getAttribute('data-index') ?? (by === 1 ? -1 : 0));
    const to = Math.max(0, Math.min(rows.length - 1, at + by));
    virtual.scrollToIndex(to);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] [data-row-link]`)?.focus({ preventScroll: true }),
    );
  };
  useKeys([
    { keys: 'j', label: 'Next host', run: () => step(1) },
    { keys: 'k', label: 'Host before', run: () => step(-1) },
  ]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notes whether somebody reads
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-auto contain-content will-change-scroll"
      onScroll={(event) => setScrolled(event.currentTarget.scrollTop > 24)}
      onMouseEnter={() => setOver(true)}
      onMouseLeave={() => setOver(false)}
    >
      <table aria-label="Hosts" aria-rowcount={rows.length + 1} className="block">
        <thead className="sticky top-0 z-20 block border-b border-line bg-page max-md:sr-only">
          <tr aria-rowindex={1} className={`${HOST_GRID} h-8 items-center text-sm text-muted`}>
            {COLUMNS.map(({ sort, word, className }) => (
              <SortHead key={sort} sort={sort} word={word} className={className} view={view} />
            ))}
            <th scope="col" className="text-left font-normal max-2xl:hidden">
              Agent
            </th>
          </tr>
        </thead>
        <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const cell = rows[item.index];
            return (
              cell && (
                <tr
                  key={item.key}
                  data-index={item.index}
                  aria-rowindex={item.index + 2}
                  className={`${HOST_GRID} absolute inset-x-0 items-center border-b contain-strict border-line hover:bg-hover focus-within:bg-selected`}
                  style={{ height: item.size, top: item.start }}
                >
                  <HostRow cell={cell} workspace={workspace} />
                </tr>
              )
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface SortHeadProps {
  sort: Sort;
  word: string;
  className: string | undefined;
  view: HostView;
}

function SortHead({ sort, word, className, view }: SortHeadProps) {
  const here = view.sort === sort;
  return (
    <th
      scope="col"
      aria-sort={here ? (isAscending(sort, view.reverse) ? 'ascending' : 'descending') : 'none'}
      className={clsx('flex font-normal', className)}
    >
      <button type="button" onClick={() => view.sortBy(sort)} className={clsx('min-h-6 hover:text-text', here && 'text-text')}>
        {word}
        {here && <span aria-hidden="true">{isAscending(sort, view.reverse) ? ' ↑' : ' ↓'}</span>}
      </button>
    </th>
  );
}

/** Names are from a to z, numbers from the most to the least, before they are turned around. */
const isAscending = (sort: Sort, reverse: boolean): boolean => (sort === 'name') !== reverse;
