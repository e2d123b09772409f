/** How long a registry asks to be left alone, by the headers of its answer. Pure. */

/** Docker Hub counts pulls of everybody behind an address: what is left is theirs. */
const LEFT_FOR_PULLS = 10;
const STANDARD_PAUSE_SECONDS = 3600;
const LONGEST_PAUSE_SECONDS = 86_400;

export interface RateHeaders {
  status: number;
  /** Seconds, or a date. */
  retryAfter: string | null;
  /** "76;w=21600": what is left of a window of so many seconds. */
  remaining: string | null;
}

/** Seconds from now on; null: it may be asked again. */
export function pauseOf({ status, retryAfter, remaining }: RateHeaders, now: number): number | null {
  const bounded = (seconds: number) => Math.min(Math.max(Math.ceil(seconds), 1), LONGEST_PAUSE_SECONDS);
  if (status === 429 || status === 503) {
    if (retryAfter === null) return status === 429 ? STANDARD_PAUSE_SECONDS : null;
    if (/^\d+$/.test(retryAfter.trim())) return bounded(Number(retryAfter));
    const until = Date.parse(retryAfter);
    return Number.isNaN(until) ? STANDARD_PAUSE_SECONDS : bounded((until - now) / 1000);
  }
  const [, left] = /^\s*(\d+)/.exec(remaining ?? '') ?? [];
  return left !== undefined && Number(left) < LEFT_FOR_PULLS ? STANDARD_PAUSE_SECONDS : null;
}
