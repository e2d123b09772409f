/**
 * Whose round of placement is next. Workspaces share the processors and connections of an api, so each gets one round in turn: one with
 * a hundred thousand queued runs is in nobody's way for longer than a round. Of one workspace a single round is under way, and the next
 * one rests a while: a round reads all hosts, however few runs it has to place, and what comes meanwhile shares the next one.
 */
interface Asked {
  workspaceId: string;
  start: () => void;
}

/** After a round: so many times as long as it took, but not longer than that. */
export interface Rest {
  times: number;
  mostMs: number;
}

export class Rounds {
  private readonly asked: Asked[] = [];
  /** Workspaces whose round is under way, or which rest after one. */
  private readonly under = new Set<string>();
  private running = 0;

  constructor(
    private readonly mostAtOnce: number,
    private readonly rest: Rest,
  ) {}

  /** Runs `round` when its turn has come; rejects as it does. */
  async take<T>(workspaceId: string, round: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.asked.push({ workspaceId, start });
      this.next();
    });
    const begun = performance.now();
    try {
      return await round();
    } finally {
      this.running--;
      const restMs = Math.min((performance.now() - begun) * this.rest.times, this.rest.mostMs);
      if (restMs > 0) setTimeout(() => this.rested(workspaceId), restMs);
      else this.under.delete(workspaceId);
      this.next();
    }
  }

  private rested(workspaceId: string): void {
    this.under.delete(workspaceId);
    this.next();
  }

  private next(): void {
    while (this.running < this.mostAtOnce) {
      const at = this.asked.findIndex(({ workspaceId }) => !this.under.has(workspaceId));
      const [asked] = at < 0 ? [] : this.asked.splice(at, 1);
      if (!asked) return;
      this.under.add(asked.workspaceId);
      this.running++;
      asked.start();
    }
  }
}
