/**
 * Whose round of placement is next. Workspaces share the processors and connections of an api, so each gets one round in turn: one with
 * a hundred thousand queued runs is in nobody's way for longer than a round. Of one workspace a single round is under way.
 */
interface Asked {
  workspaceId: string;
  start: () => void;
}

export class Rounds {
  private readonly asked: Asked[] = [];
  private readonly under = new Set<string>();

  constructor(private readonly mostAtOnce: number) {}

  /** Runs `round` when its turn has come; rejects as it does. */
  async take<T>(workspaceId: string, round: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.asked.push({ workspaceId, start });
      this.next();
    });
    try {
      return await round();
    } finally {
      this.under.delete(workspaceId);
      this.next();
    }
  }

  private next(): void {
    while (this.under.size < this.mostAtOnce) {
      const at = this.asked.findIndex(({ workspaceId }) => !this.under.has(workspaceId));
      const [asked] = at < 0 ? [] : this.asked.splice(at, 1);
      if (!asked) return;
      this.under.add(asked.workspaceId);
      asked.start();
    }
  }
}
