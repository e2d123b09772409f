'use client';
import { parseAsIsoDateTime, useQueryState } from 'nuqs';

/** The moment that log and charts are looked at, in the address; null for none. */
export function useMoment(): [Date | null, (moment: Date | null) => void] {
  const [moment, setMoment] = useQueryState('time', parseAsIsoDateTime);
  return [moment, (next) => void setMoment(next)];
}
