/** Cancels and deletes run arrays: the wish is stored, and carried out a part at a time, here or by the sweep. */
import { BerthError } from '@berth/shared/errors/problem';
import type { RunArray } from '@berth/shared/model/run-array';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type ArrayWork, type RunArrayChange, RunArrayRepository } from '../persistence/run-array-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { EndRunCommand } from './end-run.ts';

const AT_ONCE = 4;

@Injectable()
export class EndRunArrayCommand implements OnModuleDestroy {
  private readonly log = new Logger('EndRunArray');
  /** Arrays that this process is at. */
  private readonly under = new Set<string>();
  private closing = false;

  constructor(
    private readonly arrays: RunArrayRepository,
    private readonly ends: EndRunCommand,
    private readonly wakeups: Wakeups,
  ) {}

  onModuleDestroy(): void {
    this.closing = true;
  }

  /** Returns the array as it is now; its end follows. Asking again changes nothing. */
  async cancel(change: RunArrayChange): Promise<RunArray> {
    if (await this.arrays.cancel(change)) {
      this.wakeups.notify(`events:${change.workspaceId}`);
      this.begin(change.arrayId);
    }
    const array = await this.arrays.get(change.workspaceId, change.arrayId);
    if (!array) throw new BerthError('not-found', `There is no run array ${change.arrayId}.`);
    return array;
  }

  async delete(change: RunArrayChange, force: boolean): Promise<void> {
    await this.arrays.remove(change, force);
    this.wakeups.notify(`events:${change.workspaceId}`);
    this.begin(change.arrayId);
  }

  /**
   * Begins what was asked for and is not done, of one array or of all, and waits for none of it: nobody is held up by ten thousand runs.
   * Safe to call at any time and from several processes.
   */
  begin(arrayId?: string): void {
    this.goOn(arrayId).catch((error: unknown) => {
      if (!this.closing) this.log.warn(`run arrays are gone on with a second later: ${String(error)}`);
    });
  }

  private async goOn(arrayId?: string): Promise<void> {
    for (const work of await this.arrays.unfinished(arrayId)) {
      if (this.under.has(work.arrayId)) continue;
      this.under.add(work.arrayId);
      try {
        await this.carryOut(work);
      } finally {
        this.under.delete(work.arrayId);
      }
    }
  }

  private async carryOut(work: ArrayWork): Promise<void> {
    if (work.work === 'cancel') {
      while (!this.closing && (await this.arrays.cancelQueued(work)) > 0) this.wakeups.notify(`events:${work.workspaceId}`);
    }
    for (let runs = await this.arrays.runsFor(work); runs.length > 0; runs = await this.arrays.runsFor(work)) {
      for (let first = 0; first < runs.length; first += AT_ONCE) {
        if (this.closing) return;
        await Promise.all(runs.slice(first, first + AT_ONCE).map((runId) => this.end(work, runId)));
      }
    }
    if (!this.closing) await this.arrays.finish(work);
  }

  private async end({ workspaceId, work, actor }: ArrayWork, runId: string): Promise<void> {
    try {
      if (work === 'cancel') await this.ends.stop({ workspaceId, runId, actor }, 'stop');
      else await this.ends.delete({ workspaceId, runId, actor }, true);
    } catch (error) {
      // Somebody else deleted it meanwhile.
      if (!(error instanceof BerthError && error.code === 'not-found')) throw error;
    }
  }
}
