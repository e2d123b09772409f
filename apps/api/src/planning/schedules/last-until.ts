/** The last of the times up to a moment, found without walking through those between. Pure (law L2). */
import type { NextAfter } from './cron-times.ts';

const SECOND = 1000;

/** `first` is one of the times, and not after `until`. A cron of every second that stood still for a day has 86,400: seventeen are looked at. */
export function lastUntil(after: NextAfter, first: Date, until: Date): Date {
  // Of a second `low` before `until` it is known that a time comes after it and not after `until`; of `high` that none does.
  let last = first;
  let low = first.getTime();
  let high = until.getTime() + SECOND;
  while (high - low > SECOND) {
    const middle = low + Math.ceil((high - low) / (2 * SECOND)) * SECOND;
    const next = after(new Date(middle));
    if (next !== null && next.getTime() <= until.getTime()) {
      last = next;
      low = next.getTime();
    } else high = middle;
  }
  // What is left lies within a second of the last one that was found.
  const next = after(last);
  return next !== null && next.getTime() <= until.getTime() ? lastUntil(after, next, until) : last;
}

/** Times from `first` up to `until` without `until` itself, counted up to a bound. */
export function countBetween(after: NextAfter, first: Date, until: Date, most: number): number {
  let count = 0;
  for (let at: Date | null = first; at !== null && at.getTime() < until.getTime() && count < most; at = after(at)) count++;
  return count;
}
