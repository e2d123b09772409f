/** Times and durations for people. Bytes and cores are formatted by the contracts (model/quantity). */

import { formatSeconds } from '@berth/shared/model/duration-text';

export { formatSeconds };

/** The unit that fits: "4 ms", "0.31 s", "2.4 s", "41 s", "3 min 5 s", "2 h 4 min", "3 d 2 h". Never negative. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return formatSeconds(ms / 1000);
}

/** One unit, for columns: "now", "12 s", "4 min", "3 h", "12 d". */
export function formatAge(seconds: number): string {
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** "2026-11-23 12:03:11.204", in the reader's time zone. */
export function formatAbsolute(iso: string): string {
  const at = new Date(iso);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${formatClock(iso)}`;
}

/** "12:03:11.204", in the reader's time zone. */
export function formatClock(iso: string): string {
  const at = new Date(iso);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

/** "12:04" */
export function formatHourMinute(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}
