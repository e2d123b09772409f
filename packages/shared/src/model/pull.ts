/** A pull as the engine reports it, in Docker's stages; kept with the attempt. */
import { z } from 'zod';

export const LAYER_STATES = ['pulling', 'waiting', 'downloading', 'verifying', 'downloaded', 'extracting', 'complete', 'exists'] as const;
/** Docker's own words for each stage, as its command line prints them. */
export const LAYER_STATE_WORDS: Record<(typeof LAYER_STATES)[number], string> = {
  pulling: 'Pulling fs layer',
  waiting: 'Waiting',
  downloading: 'Downloading',
  verifying: 'Verifying Checksum',
  downloaded: 'Download complete',
  extracting: 'Extracting',
  complete: 'Pull complete',
  exists: 'Already exists',
};

export const layerSchema = z.strictObject({
  /** The short id that Docker prints: "0e03bdcc26d7". */
  id: z.string(),
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
  reference: z.string(),
  /** Docker's first lines: "Unable to find image 'hello-world:latest' locally", "latest: Pulling from library/hello-world". */
  headline: z.array(z.string()),
  layers: z.array(layerSchema).max(512),
  digest: z.string().nullable(),
  /** "Downloaded newer image for hello-world:latest" or "Image is up to date for hello-world:latest", without "Status: ". */
  status: z.string().nullable(),
  error: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Pull = z.infer<typeof pullSchema>;

/** The handbook's own lines for a pull, as `docker run` prints them. */
export function pullLines(pull: Pull): string[] {
  const lines = [...pull.headline];
  for (const layer of pull.layers) lines.push(`${layer.id}: ${LAYER_STATE_WORDS[layer.state]}`);
  if (pull.digest) lines.push(`Digest: ${pull.digest}`);
  if (pull.status) lines.push(`Status: ${pull.status}`);
  if (pull.error) lines.push(pull.error);
  return lines;
}
