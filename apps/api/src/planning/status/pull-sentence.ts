/** "pulling nginx:1.29: layer 3 of 7, 41 of 98 MB" (law L6), from what the engine said last. */
import type { Layer, Pull } from '@berth/shared/model/pull';

const READY: ReadonlySet<Layer['state']> = new Set(['complete', 'exists']);
/** Stages whose `current` and `total` are bytes that come over the network. */
const NETWORK: ReadonlySet<Layer['state']> = new Set(['downloading', 'verifying', 'downloaded', 'extracting', 'complete']);

const megabytes = (bytes: number): string => (bytes < 10_000_000 ? (bytes / 1e6).toFixed(1) : String(Math.round(bytes / 1e6)));

export function pullSentence({ reference, layers }: Pick<Pull, 'reference' | 'layers'>): string {
  if (layers.length === 0) return `pulling ${reference}`;
  const ready = layers.filter((layer) => READY.has(layer.state)).length;
  const sentence = `pulling ${reference}: layer ${Math.min(ready + 1, layers.length)} of ${layers.length}`;
  const total = layers.reduce((sum, layer) => sum + (layer.total ?? 0), 0);
  if (total === 0) return sentence;
  const current = layers.reduce((sum, layer) => sum + loaded(layer), 0);
  return `${sentence}, ${megabytes(current)} of ${megabytes(total)} MB`;
}

/** What is past its download counts whole. */
function loaded({ state, current, total }: Layer): number {
  if (!NETWORK.has(state)) return 0;
  return state === 'downloading' ? (current ?? 0) : (total ?? 0);
}
