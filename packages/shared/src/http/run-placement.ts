/** Why here and why not there, for every host: of a run that waits as it is now, of one that was placed as it was decided. */
import { z } from 'zod';
import { hostVerdictSchema } from '../model/placement.ts';

export const runPlacementSchema = z.strictObject({
  /** True: it waits, and was judged just now against all present hosts. False: the record of its last attempt, with a part of the hosts. */
  live: z.boolean(),
  /** Live: what would make it placeable, with the amounts of this moment. Otherwise why it is where it is. */
  message: z.string(),
  /** The best first, then those that come closest. */
  hosts: z.array(hostVerdictSchema),
  considered: z.int(),
  /** The `offset` of the next page; null on the last one. */
  next: z.int().nullable(),
});
export type RunPlacement = z.infer<typeof runPlacementSchema>;

export const runPlacementQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** So many hosts are passed over. */
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
