/** The engine's progress lines of a pull, folded into the Pull of the contract: Docker's stages, in Docker's order. */
import type { Layer, Pull } from '@berth/shared/model/pull';
import { z } from 'zod';

const LAYER_LIMIT = 512;

export const pullLineSchema = z.object({
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string() }).optional(),
});
export type PullLine = z.infer<typeof pullLineSchema>;

const STATES: Record<string, Layer['state']> = {
  'Pulling fs layer': 'pulling',
  Waiting: 'waiting',
  Downloading: 'downloading',
  'Verifying Checksum': 'verifying',
  'Download complete': 'downloaded',
  Extracting: 'extracting',
  'Pull complete': 'complete',
  'Already exists': 'exists',
};

export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  #pull: Omit<Pull, 'layers'>;

  constructor(reference: string, startedAt: Date) {
    this.#pull = {
      state: 'pulling',
      reference,
      headline: [],
      digest: null,
      status: null,
      error: null,
      startedAt: startedAt.toISOString(),
      finishedAt: null,
    };
  }

  /** True where something has changed. */
  apply(line: PullLine): boolean {
    const status = line.status ?? '';
    const state = line.id === undefined ? undefined : STATES[status];
    if (line.id !== undefined && state) {
      if (!this.#layers.has(line.id) && this.#layers.size >= LAYER_LIMIT) return false;
      this.#layers.set(line.id, { id: line.id, state, ...bytesOf(state, line.progressDetail ?? {}, this.#layers.get(line.id)) });
      return true;
    }
    if (line.id !== undefined && status.startsWith('Pulling from '))
      this.#pull.headline = [...this.#pull.headline, `${line.id}: ${status}`];
    else if (status.startsWith('Digest: ')) this.#pull.digest = status.slice('Digest: '.length);
    else if (status.startsWith('Status: ')) this.#pull.status = status.slice('Status: '.length);
    else return false;
    return true;
  }

  finish(at: Date, error: string | null): void {
    this.#pull = { ...this.#pull, state: error === null ? 'done' : 'failed', error, finishedAt: at.toISOString() };
  }

  snapshot(): Pull {
    return { ...this.#pull, layers: [...this.#layers.values()] };
  }
}

/** The engine tells a layer's size only while it is on the move: what is known of it stays known, so that a whole can be told. */
function bytesOf(state: Layer['state'], told: { current?: number; total?: number }, before: Layer | undefined) {
  const total = told.total ?? before?.total ?? null;
  const whole = state === 'verifying' || state === 'downloaded' || state === 'complete';
  return { current: told.current ?? (whole ? total : null), total };
}
