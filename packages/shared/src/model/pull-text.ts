/** A pull in Docker's own words. Nothing is imported here: the console takes it without the validator. */
import type { Pull } from './pull.ts';

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

/** The handbook's own lines for a pull, as `docker run` prints them. */
export function pullLines(pull: Pull): string[] {
  const lines = [...pull.headline];
  for (const layer of pull.layers) lines.push(`${layer.id}: ${LAYER_STATE_WORDS[layer.state]}`);
  if (pull.digest) lines.push(`Digest: ${pull.digest}`);
  if (pull.status) lines.push(`Status: ${pull.status}`);
  if (pull.error) lines.push(pull.error);
  return lines;
}
