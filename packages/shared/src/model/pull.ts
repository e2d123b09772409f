/** A pull as the engine reports it, in Docker's stages; kept with the attempt. */
import { z } from 'zod';
import { LAYER_STATES } from './pull-text.ts';
import { reportedText } from './text.ts';

export * from './pull-text.ts';

export const layerSchema = z.strictObject({
  /** The short id that Docker prints: "0e03bdcc26d7". */
  id: reportedText,
  state: z.enum(LAYER_STATES),
  /** Bytes of the present stage; null where the engine says nothing. */
  current: z.number().nullable(),
  total: z.number().nullable(),
});
export type Layer = z.infer<typeof layerSchema>;

export const pullSchema = z.strictObject({
  /** none: the image was on the host and the policy did not ask for a pull. */
  state: z.enum(['pulling', 'done', 'failed', 'none']),
  /** "hello-world:latest", as Docker shows it. */
  reference: reportedText,
  /** Docker's first lines: "Unable to find image 'hello-world:latest' locally", "latest: Pulling from library/hello-world". */
  headline: z.array(reportedText),
  layers: z.array(layerSchema).max(512),
  digest: reportedText.nullable(),
  /** "Downloaded newer image for hello-world:latest" or "Image is up to date for hello-world:latest", without "Status: ". */
  status: reportedText.nullable(),
  error: reportedText.nullable(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Pull = z.infer<typeof pullSchema>;

/** The newest attempt's pull, or that of the attempt asked for. */
export const runPullSchema = z.strictObject({
  /** Number of the attempt; null where the run has none yet. */
  attempt: z.int().nullable(),
  /** Null where its host has not looked for the image yet. */
  pull: pullSchema.nullable(),
  /** As `docker run` prints them. */
  lines: z.array(z.string()),
});
export type RunPull = z.infer<typeof runPullSchema>;
