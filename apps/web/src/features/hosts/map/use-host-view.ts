'use client';
import type { HostFilter } from '@berth/shared/model/host-map';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { COLOURS, SORTS, type Sort } from './host-cells.ts';

export const STATE_FILTERS = [
  'ready',
  'not-ready',
  'lost',
  'cordoned',
  'draining',
  'drained',
  'unapproved',
] as const satisfies readonly NonNullable<HostFilter['state']>[];
/** On a screen that is too narrow for both. */
export const PANES = ['map', 'list'] as const;

const PARSERS = {
  name: parseAsString,
  label: parseAsString,
  state: parseAsStringLiteral(STATE_FILTERS),
  group: parseAsString,
  colour: parseAsStringLiteral(COLOURS).withDefault('cpu'),
  sort: parseAsStringLiteral(SORTS).withDefault('name'),
  reverse: parseAsBoolean.withDefault(false),
  pane: parseAsStringLiteral(PANES).withDefault('list'),
};

/** Which hosts are shown, and how; all of it lives in the address. */
export function useHostView() {
  const [values, setValues] = useQueryStates(PARSERS, { throttleMs: 100 });
  const { name, label, state, sort, reverse } = values;
  const filter: HostFilter = useMemo(() => {
    const labels = (label ?? '').split(',').filter((part) => part !== '');
    return { ...(name && { name }), ...(state && { state }), ...(labels.length > 0 && { label: labels }) };
  }, [name, label, state]);
  return {
    ...values,
    filter,
    filtered: Object.keys(filter).length > 0,
    set: setValues,
    /** The same column again turns its order around. */
    sortBy: (by: Sort) => void setValues({ sort: by, reverse: by === sort ? !reverse : false }),
    clear: () => void setValues({ name: null, label: null, state: null }),
  };
}

export type HostView = ReturnType<typeof useHostView>;
