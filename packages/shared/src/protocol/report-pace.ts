/** How an agent gathers what it has to report: each report costs the api a part of a transaction. */
import type { Phase } from '../model/phase.ts';

/** Pulls and phases that follow one another within this time go up as one. */
export const COALESCE_MS = 30;
/** Creating and starting are soon over: on their own they go up only where they last. */
export const PASSING_MS = 150;
export const PASSING: ReadonlySet<Phase> = new Set<Phase>(['creating', 'starting']);
/** Output is sent when this much is there, or after LOG_FLUSH_MS. */
export const LOG_FLUSH_BYTES = 64 * 1024;
export const LOG_FLUSH_MS = 30;
/** An answer's `gatherMs` holds for so long. */
export const GATHER_FOR_MS = 3_000;
/** So long a confirmation of assignments waits for a report to go with, where the api asks to gather: what it confirms is soon reported on. */
export const CONFIRM_WAITS_MS = 300;
/** So many bytes of output go as text with their report, where the api asks to gather. */
export const TEXT_BYTES = 1023;
/** A report by which the host was seen stands for its next heartbeat, but a heartbeat says more: one of so many is sent all the same. */
export const HEARTBEATS_SPARED = 6;
