/** The decision which host gets an attempt, with the reasons for and against every host. Kept with the attempt. */
import { z } from 'zod';

/** What can refuse a host, in the order in which it is asked; the scheduler has a filter for each. */
export const PLACEMENT_FILTERS = [
  'volumes',
  'ready',
  'approval',
  'cordon',
  'drain',
  'platform',
  'agent-version',
  'policy',
  'constraints',
  'resources',
  'host-ports',
  'affinity',
  'anti-affinity',
] as const;
export type PlacementFilter = (typeof PLACEMENT_FILTERS)[number];

/** What speaks for a host, the weightiest first; only those that tell hosts apart for a run are asked. */
export const PLACEMENT_SCORES = [
  'registry-reach',
  'spread-over',
  'affinity',
  'anti-affinity',
  'spread',
  'bin-pack',
  'image-locality',
] as const;
export type PlacementScore = (typeof PLACEMENT_SCORES)[number];

export const hostVerdictSchema = z.strictObject({
  hostId: z.string(),
  hostName: z.string(),
  fits: z.boolean(),
  /** Why not, one sentence a filter that refused; empty where it fits. */
  refusals: z.array(z.strictObject({ filter: z.enum(PLACEMENT_FILTERS), message: z.string() })),
  /** The points of each, with a sentence; empty where it does not fit. */
  scores: z.array(
    z.strictObject({
      score: z.enum(PLACEMENT_SCORES),
      value: z.number(),
      /** The points of the best host that could be; absent in older records. */
      most: z.number().optional(),
      message: z.string(),
    }),
  ),
  /** The sum of the scores. */
  total: z.number(),
});
export type HostVerdict = z.infer<typeof hostVerdictSchema>;

export const placementSchema = z.strictObject({
  /** One sentence: "web-1: has the image; least loaded of 3 hosts that fit". */
  message: z.string(),
  /** At most 20 hosts: the chosen one first, then the best, then those that do not fit. */
  hosts: z.array(hostVerdictSchema),
  /** How many hosts were looked at. */
  considered: z.int(),
});
export type Placement = z.infer<typeof placementSchema>;
