/** The one file that an agent runs from, as it says of itself with every handshake. */
import { z } from 'zod';
import { reportedText } from './text.ts';

export const agentBundleSchema = z.object({
  /** Of the file, in hex. */
  sha256: reportedText,
  /** Why it cannot be replaced from the api: a sentence without its end; null where it can. */
  fixed: reportedText.nullable(),
  /** How far its last update is, or how it ended; null where there was none. */
  update: z
    .object({
      id: reportedText,
      /** `trying`: this agent is the new one, and is being tried. */
      state: z.enum(['trying', 'done', 'failed']),
      message: reportedText,
    })
    .nullable(),
});
export type AgentBundle = z.infer<typeof agentBundleSchema>;
export type BundleUpdate = NonNullable<AgentBundle['update']>;
