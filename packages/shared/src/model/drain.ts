/** How far a host is with letting go of its runs. */
import { z } from 'zod';

/** Runs that are named where they hold a drain up; the rest is counted. */
export const MOST_HOLDS = 20;

export const drainProgressSchema = z.strictObject({
  /** Runs that were there when it began, or came since. */
  total: z.int().min(0),
  /** Still there. */
  left: z.int().min(0),
  /** Of those, stopped now to be placed elsewhere. */
  moving: z.int().min(0),
  /** What stays for now, and why; at most MOST_HOLDS of them. */
  holds: z.array(z.strictObject({ runId: z.string(), runName: z.string(), message: z.string() })).max(MOST_HOLDS),
});
export type DrainProgress = z.infer<typeof drainProgressSchema>;

export const drainSchema = drainProgressSchema.extend({
  since: z.iso.datetime(),
  actor: z.string(),
  /** When the last run had gone; it takes no new run until the drain is cancelled. */
  drainedAt: z.iso.datetime().nullable(),
});
export type Drain = z.infer<typeof drainSchema>;
