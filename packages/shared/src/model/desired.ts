/** What is wanted of a run that was accepted: that it runs, or is held still, or ends. An end that was asked for is not taken back. */
import { z } from 'zod';

export const desiredSchema = z.enum(['run', 'pause', 'stop', 'kill']);
export type Desired = z.infer<typeof desiredSchema>;
