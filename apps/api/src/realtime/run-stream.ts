/** Follows one run as a resource: as it is, whenever it has changed. */
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { RunRepository } from '../persistence/run-repository.ts';
import { Sleeper } from './sleeper.ts';
import { Wakeups } from './wakeups.ts';

/** For wake-ups that got lost. */
const SLOW_TICK_MS = 5_000;

@Injectable()
export class RunStream {
  constructor(
    private readonly runs: RunRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Versions between two reads of the consumer are left out. Yields null once it is deleted, and ends. */
  async *follow(workspaceId: string, runId: string, signal: AbortSignal): AsyncGenerator<Run | null> {
    const sleeper = new Sleeper(this.wakeups, [`run:${runId}`], signal);
    try {
      let seen: string | null = null;
      while (!signal.aborted) {
        const run = await this.runs.get(workspaceId, runId);
        if (!run || run.metadata.resourceVersion !== seen) yield run;
        if (!run) return;
        seen = run.metadata.resourceVersion;
        await sleeper.sleep(SLOW_TICK_MS);
      }
    } finally {
      sleeper.close();
    }
  }
}
