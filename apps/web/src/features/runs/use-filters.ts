'use client';
import { parseAsString, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import type { RunFilters } from '../../lib/query-keys.ts';

const PARSERS = { phase: parseAsString, host: parseAsString, image: parseAsString, name: parseAsString, label: parseAsString };
export type FilterName = keyof typeof PARSERS;

/** The filters of a list of runs; they live in the address. */
export function useFilters() {
  const [values, setValues] = useQueryStates(PARSERS, { throttleMs: 100 });
  const filters: RunFilters = useMemo(
    () => Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : []))),
    [values],
  );
  const set = (name: FilterName, value: string) => void setValues({ [name]: value === '' ? null : value });
  const clear = () => void setValues(null);
  return { filters, set, clear, any: Object.keys(filters).length > 0 };
}
