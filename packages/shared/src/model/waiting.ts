/** Law L6: every waiting state names its cause, since when, its deadline and what happens next. */
import { z } from 'zod';
import { reasonSchema } from './reason.ts';

export const waitingSchema = z.strictObject({
  /** The code of the cause. */
  reason: reasonSchema,
  /** The whole cause as a sentence: "no host fits: 2 of 3 hosts lack 2 GiB of free memory, web-3 is cordoned". */
  message: z.string(),
  since: z.iso.datetime(),
  /** When Berth gives up; null where it does not (then `next` says what ends the wait). */
  deadline: z.iso.datetime().nullable(),
  /** What happens next, as a sentence: "It starts by itself once a host fits." */
  next: z.string(),
});
export type Waiting = z.infer<typeof waitingSchema>;
