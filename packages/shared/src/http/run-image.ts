/** Whether a run has the newest of its image. */
import { z } from 'zod';

export const runImageSchema = z.strictObject({
  /**
   * tag-moved: its tag names another digest by now. pulled-not-running: so it does, and the run's host has that one already.
   * newer-version: another tag has a higher semantic version. unknown: `message` says why.
   */
  state: z.enum(['current', 'tag-moved', 'pulled-not-running', 'newer-version', 'unknown']),
  /** A sentence for people. */
  message: z.string(),
  /** In full: "docker.io/library/nginx:1.29". */
  reference: z.string(),
  /** What the run has. */
  digest: z.string().nullable(),
  /** What the tag names now. */
  tagDigest: z.string().nullable(),
  /** The image with the highest version of its kind, where that is higher; also where the tag has moved. */
  newerVersion: z.string().nullable(),
  checkedAt: z.iso.datetime().nullable(),
});
export type RunImage = z.infer<typeof runImageSchema>;
