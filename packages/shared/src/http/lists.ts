/** Queries and envelopes of the REST routes. */
import { z } from 'zod';
import { cursorSchema } from '../events/event.ts';
import { PHASES, phaseSchema } from '../model/phase.ts';
import { inputText } from '../model/text.ts';

const list = (text: string) => text.split(',').filter((part) => part !== '');

export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** The `next` of the page before. */
  cursor: inputText(200).optional(),
});

export const listRunsQuerySchema = pageQuerySchema.extend({
  /** Comma-separated phases. */
  phase: z
    .string()
    .transform((text, context) => {
      const parts = list(text);
      const bad = parts.find((part) => !(PHASES as readonly string[]).includes(part));
      if (bad === undefined) return parts.map((part) => phaseSchema.parse(part));
      context.addIssue({ code: 'custom', message: `"${bad}" is not a phase; the phases are ${PHASES.join(', ')}` });
      return z.NEVER;
    })
    .optional(),
  /** Id of a host. */
  host: inputText(64).optional(),
  /** `key` or `key=value`, comma-separated; all must hold. */
  label: inputText(2000).transform(list).optional(),
  /** Part of the image reference. */
  image: inputText(512).optional(),
  /** Part of the name. */
  name: inputText(63).optional(),
  /** Id of the schedule that started it. */
  schedule: inputText(64).optional(),
  /** Id of the run array that it is of. */
  array: inputText(64).optional(),
  /** Newest first where absent. */
  order: z.enum(['newest', 'oldest']).optional(),
});
export type ListRunsQuery = z.infer<typeof listRunsQuerySchema>;

/** `?watch=true&after=` on a list: server-sent events. */
export const watchQuerySchema = z.object({ watch: z.literal('true'), after: cursorSchema.optional() });

export const waitQuerySchema = z.object({
  /** `exited`: any end. `running`: running or any end. */
  for: z.enum(['exited', 'running']).default('exited'),
  /** Seconds, 0 to 600. */
  timeout: z.coerce.number().min(0).max(600).default(60),
});

export const deleteRunQuerySchema = z.object({
  /** Kill it first if it is not at an end. */
  force: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

/** `items` newest first, unless another order was asked for; `next` null on the last page; `cursor`: where to watch from to miss nothing after this list. */
export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable(), cursor: cursorSchema });
export interface Page<T> {
  items: T[];
  next: string | null;
  cursor: string;
}

/** One line of `Accept: application/x-ndjson` logs; `data` is base64. */
export const logLineSchema = z.object({
  position: z.int(),
  next: z.int(),
  attempt: z.int(),
  stream: z.enum(['stdout', 'stderr']),
  at: z.iso.datetime(),
  data: z.string(),
  dropped: z.int(),
  droppedReason: z.string().nullable(),
  /** How many bytes are missing is not known: there may be more than `dropped`, or none. */
  droppedAtLeast: z.boolean().optional(),
});
