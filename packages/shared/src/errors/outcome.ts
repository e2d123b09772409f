/**
 * The three kinds of failure, kept apart (law L11): retry with backoff, fail with the reason, or a bug.
 * What an engine or a registry says is turned into one of these at the edge; nothing inside guesses from text.
 */
import type { Reason } from '../model/reason.ts';

export type Failure =
  /** `unanswered`: it was asked, and no answer came; it may have been done. */
  | { kind: 'cannot-now'; reason: Reason; message: string; cause?: unknown; unanswered?: true }
  | { kind: 'cannot-ever'; reason: Reason; message: string; exitCode?: number; cause?: unknown }
  | { kind: 'bug'; message: string; cause?: unknown };

export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure };
