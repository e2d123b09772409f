'use client';
import type { HostCell } from '@berth/shared/model/host-map';
import { useRouter } from 'next/navigation';
import { type FocusEvent, type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react';
import { paths } from '../../../lib/paths.ts';
import { isPlainClick } from '../../../ui/plain-click.ts';
import { HostCellView } from './host-cell.tsx';
import { type Colour, groupsOf, rowsOf } from './host-cells.ts';
import { MapTip } from './map-tip.tsx';
import { stepInRows } from './step-in-rows.ts';
import { useColumns } from './use-columns.ts';

const GAP = 3;
/** Few hosts are shown large; a thousand are seen at a glance. */
const sizeFor = (hosts: number): number => (hosts <= 48 ? 40 : hosts <= 240 ? 26 : 18);

interface HostMapProps {
  cells: readonly HostCell[];
  /** The label by which they are grouped. */
  group: string | null;
  colour: Colour;
  workspace: string;
}

/** One cell a host. To the keyboard it is a grid with one stop: arrows walk over it, Enter opens the host. */
export function HostMapGrid({ cells, group, colour, workspace }: HostMapProps) {
  const router = useRouter();
  const grid = useRef<HTMLDivElement>(null);
  const size = sizeFor(cells.length);
  const columns = useColumns(grid, size, GAP);
  const groups = useMemo(
    () =>
      (columns === 0 ? [] : groupsOf(cells, group)).map(({ value, cells: members }) => ({
        value,
        members,
        rows: rowsOf(members, columns),
      })),
    [cells, group, columns],
  );
  const rows = useMemo(() => groups.flatMap((one) => one.rows), [groups]);
  const [stop, setStop] = useState<string | null>(null);
  const [tip, setTip] = useState<{ id: string; at: DOMRect } | null>(null);
  const shown = tip && cells.find(({ id }) => id === tip.id);
  const stopId = cells.some(({ id }) => id === stop) ? stop : (rows[0]?.[0]?.id ?? null);

  const showTip = (event: MouseEvent | FocusEvent) => {
    const cell = cellOf(event.target);
    setTip(cell && { id: cell.id, at: cell.element.getBoundingClientRect() });
    return cell;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setTip(null);
    const from = cellOf(event.target);
    const to = from && !event.metaKey && !event.altKey && stepInRows(rows, from.id, event.key, event.ctrlKey);
    if (!to) return;
    event.preventDefault();
    grid.current?.querySelector<HTMLElement>(`[data-host="${to}"]`)?.focus();
  };
  const onClick = (event: MouseEvent) => {
    const cell = cellOf(event.target);
    if (!cell || !isPlainClick(event)) return;
    event.preventDefault();
    router.push(paths.host(workspace, cell.id));
  };
  // The pointer goes over the map without drawing it again.
  const drawn = useMemo(
    () =>
      groups.map(({ value, members, rows: lines }) => (
        <tbody key={value ?? ''} className="flex flex-col" style={{ gap: GAP }}>
          {group !== null && (
            <tr className="flex pb-1">
              <th scope="rowgroup" className="text-left font-normal text-sm">
                <span className="font-medium">{value === null ? `without ${group}` : value === '' ? group : value}</span>{' '}
                <span className="tabular-nums text-muted">{hostsInWords(members)}</span>
              </th>
            </tr>
          )}
          {lines.map((line) => (
            <tr key={line[0]?.id} className="flex contain-layout contain-style" style={{ gap: GAP }}>
              {line.map((cell) => (
                <HostCellView key={cell.id} cell={cell} colour={colour} workspace={workspace} stop={cell.id === stopId} />
              ))}
            </tr>
          ))}
        </tbody>
      )),
    [groups, group, colour, workspace, stopId],
  );
  return (
    <div ref={grid}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of a grid, whose cells are walked over by arrows
        role="grid"
        aria-label="Map of the hosts"
        aria-readonly="true"
        className="flex flex-col gap-3 contain-layout contain-style"
        style={{ '--cell': `${size}px` }}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onMouseOver={showTip}
        onMouseLeave={() => setTip(null)}
        onFocus={(event) => {
          const cell = cellOf(event.target);
          if (cell) setStop(cell.id);
          if (event.target.matches(':focus-visible')) showTip(event);
        }}
        onBlur={() => setTip(null)}
        onWheel={() => setTip(null)}
      >
        {drawn}
      </table>
      {tip && shown && <MapTip cell={shown} at={tip.at} />}
    </div>
  );
}

function cellOf(target: EventTarget): { id: string; element: HTMLElement } | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-host]') : null;
  const id = element?.dataset.host;
  return element && id ? { id, element } : null;
}

function hostsInWords(members: readonly HostCell[]): string {
  const ready = members.filter(({ state }) => state === 'ready').length;
  const all = members.length === 1 ? '1 host' : `${members.length} hosts`;
  return ready === members.length ? all : `${all}, ${ready} ready`;
}
