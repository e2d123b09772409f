'use client';
import { formatAbsolute, formatAge, formatDuration, formatSeconds } from '../lib/format.ts';
import { useNow, useNowWhile } from './clock.ts';

/** Relative, with the absolute time on hover. */
export function Age({ at, suffix = '' }: { at: string; suffix?: string }) {
  const now = useNow();
  const age = formatAge((now - Date.parse(at)) / 1000);
  return (
    <time dateTime={at} title={formatAbsolute(at)} className="tabular-nums" suppressHydrationWarning>
      {age === 'now' ? (suffix ? 'just now' : 'now') : `${age}${suffix}`}
    </time>
  );
}

/** A time to come: "in 4 min"; "now" once it is there. The absolute time on hover. */
export function Until({ at }: { at: string }) {
  const now = useNow();
  const left = (Date.parse(at) - now) / 1000;
  return (
    <time dateTime={at} title={formatAbsolute(at)} className="tabular-nums" suppressHydrationWarning>
      {left < 1 ? 'now' : `in ${formatAge(left)}`}
    </time>
  );
}

/** How long from `from` to `to`, or until now, ticking. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const now = useNowWhile(to === null);
  const start = Date.parse(from);
  return (
    <span className="tabular-nums">
      {to === null ? formatSeconds(Math.floor(Math.max(0, now - start) / 1000)) : formatDuration(Date.parse(to) - start)}
    </span>
  );
}
