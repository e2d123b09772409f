/** Waits until something is so: asleep until something happens in the workspace, with a slow tick for a call that got lost. */
import { Injectable } from '@nestjs/common';
import { Sleeper } from '../../realtime/sleeper.ts';
import { Wakeups } from '../../realtime/wakeups.ts';
import type { Reached } from './kind-handler.ts';

const TICK_MS = 2000;

@Injectable()
export class Conditions {
  constructor(private readonly wakeups: Wakeups) {}

  /** The last look: `yes`, `never`, or `not-yet` when the time is up or the signal came. */
  async wait(workspaceId: string, seconds: number, look: () => Promise<Reached>, signal?: AbortSignal): Promise<Reached> {
    // Subscribed before the first look: what changes after it is not missed.
    const sleeper = new Sleeper(this.wakeups, [`events:${workspaceId}`], signal ?? new AbortController().signal);
    const deadline = Date.now() + seconds * 1000;
    try {
      for (;;) {
        const reached = await look();
        const left = deadline - Date.now();
        if (reached.state !== 'not-yet' || left <= 0 || signal?.aborted) return reached;
        await sleeper.sleep(Math.min(left, TICK_MS));
      }
    } finally {
      sleeper.close();
    }
  }
}
