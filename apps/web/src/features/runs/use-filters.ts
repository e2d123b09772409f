'use client';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import type { RunFilters } from '../../lib/query-keys.ts';

const FILTERS = {
  phase: parseAsString,
  host: parseAsString,
  image: parseAsString,
  name: parseAsString,
  label: parseAsString,
  schedule: parseAsString,
  array: parseAsString,
};
const PARSERS = { ...FILTERS, order: parseAsStringLiteral(['oldest']) };
type FilterName = keyof typeof FILTERS;

/** The filters of a list of runs, and its order; they live in the address. */
export function useFilters() {
  const [values, setValues] = useQueryStates(PARSERS, { throttleMs: 100 });
  const filters: RunFilters = useMemo(
    () => Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : []))),
    [values],
  );
  const set = (name: FilterName, value: string) => void setValues({ [name]: value === '' ? null : value });
  const clear = () => void setValues({ phase: null, host: null, image: null, name: null, label: null, schedule: null, array: null });
  const turn = () => void setValues({ order: values.order === null ? 'oldest' : null });
  return { filters, set, clear, turn, any: Object.keys(filters).some((name) => name !== 'order') };
}
