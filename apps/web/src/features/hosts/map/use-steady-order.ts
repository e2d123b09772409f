'use client';
import type { HostCell } from '@berth/shared/model/host-map';
import { useMemo, useRef } from 'react';
import { inPlaces, type Sort, sorted } from './host-cells.ts';

/**
 * The hosts in their order. While somebody reads, hosts keep the places that they have, whatever becomes of their numbers: rows that jump
 * cannot be read. Those that come meanwhile are at the end.
 */
export function useSteadyOrder(cells: readonly HostCell[], sort: Sort, reverse: boolean, reading: boolean): HostCell[] {
  const kept = useRef<{ by: string; ids: string[] }>({ by: '', ids: [] });
  return useMemo(() => {
    const by = `${sort} ${reverse}`;
    const keeps = reading && kept.current.by === by;
    const order = keeps ? inPlaces(cells, kept.current.ids) : sorted(cells, sort, reverse);
    kept.current = { by, ids: order.map(({ id }) => id) };
    return order;
  }, [cells, sort, reverse, reading]);
}
