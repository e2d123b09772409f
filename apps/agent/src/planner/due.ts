/** PURE. Times that were set by the clock of the host, which may be set back before they come. */
import { RESTART_PAUSE_SECONDS } from '@berth/shared/model/run';

/** Between two tries of a step that fails for now, in milliseconds. */
export const RETRY_MS = { first: 250, most: 30_000 };
/** An engine that is there, and was only not heard, has done within this time what it was asked. */
export const SETTLE_MS = 5000;
/** Nothing waits longer before it is started again; a pause is a tenth more or less. */
const MOST_PAUSE_MS = RESTART_PAUSE_SECONDS.most * 1100;

/** Further away than the longest pause there is, it was set by another clock: then it has come. */
const isToCome = (at: number | null, now: number, longestMs: number): at is number => at !== null && at > now && at - now <= longestMs;

export const retryIsToCome = (at: number | null, now: number): at is number => isToCome(at, now, RETRY_MS.most);
export const restartIsToCome = (at: number | null, now: number): at is number => isToCome(at, now, MOST_PAUSE_MS);
export const doubtIsToCome = (until: number, now: number): boolean => isToCome(until, now, SETTLE_MS);
