/** Queries and answers of the routes of a run's log. Positions are bytes of the merged log; bytes that were dropped count. */
import { z } from 'zod';
import { LOG_STREAMS } from '../events/console-socket.ts';
import { inputText } from '../model/text.ts';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** ISO 8601 with an offset, or seconds since 1970 with a fraction. */
const instant = z.string().transform((text, context) => {
  const at = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at) && Math.abs(at) <= 8.64e15) return new Date(at).toISOString();
  context.addIssue({ code: 'custom', message: 'must be a time like 2026-11-24T12:00:00Z, or seconds since 1970' });
  return z.NEVER;
});

const pattern = inputText(1000).min(1);
/** `search` is a substring, or with `regex=true` an expression of RE2, which takes linear time. */
const searching = { regex: flag, ignoreCase: flag };
const stream = z.enum(LOG_STREAMS).optional();

export const logsQuerySchema = z
  .strictObject({
    /** Bytes of the merged log to skip. */
    after: z.coerce.number().int().min(0).optional(),
    /** A place in the merged log: nothing from there on. */
    before: z.coerce.number().int().min(0).optional(),
    /** Bytes of output to return at most, about: a piece is not cut. */
    limit: z.coerce.number().int().min(1).max(1_073_741_824).optional(),
    /** Only the last so many lines. */
    tail: z.coerce.number().int().min(0).max(1_000_000).optional(),
    /** From this time on and before that one, by the host's clock, as exact as the pieces of output are: about 30 ms. */
    since: instant.optional(),
    until: instant.optional(),
    stream,
    /** Only lines that it is found in; they come once they are whole. */
    search: pattern.optional(),
    ...searching,
    /** The time before every line. */
    timestamps: flag,
    follow: flag,
    /** As a file, under the run's name. */
    download: flag,
    /** A download that is compressed. */
    gzip: flag,
  })
  .superRefine((query, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (query.regex && query.search === undefined) refuse('regex', 'says how "search" is read: give "search" too');
    if (query.ignoreCase && query.search === undefined) refuse('ignoreCase', 'says how "search" is read: give "search" too');
    if (query.tail !== undefined && query.after !== undefined) refuse('tail', 'and "after" name two places to begin at: leave one out');
    if (query.follow && query.until !== undefined) refuse('until', 'ends what "follow" goes on with: leave one out');
    if (query.follow && query.before !== undefined) refuse('before', 'ends what "follow" goes on with: leave one out');
    if (query.follow && query.download) refuse('download', 'is of what there is now: leave "follow" out');
    if (query.gzip && !query.download) refuse('gzip', 'is for a download: add download=true');
  });
export type LogsQuery = z.infer<typeof logsQuerySchema>;

export const logSearchQuerySchema = z.strictObject({
  q: pattern,
  ...searching,
  stream,
  /** The `next` of the answer before. */
  cursor: z
    .string()
    .max(8000)
    .regex(/^\d{1,15}(-\d{1,9}[oe]\d{1,15})*$/, 'must be the "next" of an answer')
    .optional(),
  /** Matches after which the answer is enough, about. */
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export type LogSearchQuery = z.infer<typeof logSearchQuerySchema>;

/** Of a line that was found, so much is shown. */
export const MATCH_TEXT = 400;

export const logMatchesSchema = z.strictObject({
  /** Lines that match, as they come to their ends. */
  items: z.array(
    z.strictObject({
      /** Where the line begins. */
      position: z.int(),
      attempt: z.int(),
      stream: z.enum(LOG_STREAMS),
      at: z.iso.datetime(),
      /** At most MATCH_TEXT characters. */
      text: z.string(),
    }),
  ),
  /** Where to go on; null where all that is stored was searched. */
  next: z.string().nullable(),
  /** Bytes of the merged log up to which it was searched, and how long it is. */
  searched: z.int(),
  bytes: z.int(),
});
export type LogMatches = z.infer<typeof logMatchesSchema>;

/** A part of a log, up to where the next one begins. */
const outlinePart = z.strictObject({
  position: z.int(),
  /** When the last of its output was written. */
  lastAt: z.iso.datetime(),
  /** Newlines of each stream; null where it was stored before they were counted. */
  stdout: z.int().nullable(),
  stderr: z.int().nullable(),
  /** Bytes of it that are missing. */
  dropped: z.int(),
});

export const logOutlineSchema = z.strictObject({
  /** In the order of their places, the first at 0; each about `step` bytes. Between two of them nothing is left out. */
  parts: z.array(outlinePart),
  step: z.int(),
  /** How long the merged log is: where the last part ends. */
  bytes: z.int(),
  /** Nothing will follow. */
  complete: z.boolean(),
});
export type LogOutline = z.infer<typeof logOutlineSchema>;
