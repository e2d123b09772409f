/** How many more runs may be placed now, with a concurrency key and in the whole workspace. What has no turn waits, whatever room there is. */
import type { CandidateHost, PendingRun, Surroundings } from './model.ts';

/** Why a run has no turn now. `key` null: by the limit of the workspace. */
export interface NoTurn {
  key: string | null;
  limit: number;
}

export class Turns {
  private readonly held = new Map<string, number>();
  underWay: number;

  constructor(
    private readonly surroundings: Surroundings,
    hosts: readonly CandidateHost[],
  ) {
    this.underWay = hosts.reduce((sum, { reserved }) => sum + reserved.runs, 0);
  }

  /** Null: it may go. */
  refuse({ concurrency }: PendingRun): NoTurn | null {
    const { mostAtOnce } = this.surroundings;
    if (mostAtOnce !== null && this.underWay >= mostAtOnce) return { key: null, limit: mostAtOnce };
    if (concurrency && this.heldOf(concurrency.key) >= concurrency.limit) return concurrency;
    return null;
  }

  take({ concurrency }: PendingRun): void {
    this.underWay++;
    if (concurrency) this.held.set(concurrency.key, this.heldOf(concurrency.key) + 1);
  }

  private heldOf(key: string): number {
    return this.held.get(key) ?? this.surroundings.holders.get(key)?.count ?? 0;
  }
}
