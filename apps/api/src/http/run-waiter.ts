/** Waits for a phase of a run: asleep until the run is called, with a slow tick for a call that got lost. */
import { BerthError } from '@berth/shared/errors/problem';
import { isTerminal, type Phase } from '@berth/shared/model/phase';
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { RunRepository } from '../persistence/run-repository.ts';
import { Sleeper } from '../realtime/sleeper.ts';
import { Wakeups } from '../realtime/wakeups.ts';

const TICK_MS = 5000;

export interface WaitFor {
  workspaceId: string;
  runId: string;
  for: 'exited' | 'running';
  seconds: number;
}

@Injectable()
export class RunWaiter {
  constructor(
    private readonly runs: RunRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** The run as it is when the wait ends, and whether it got there. Throws BerthError `not-found`. */
  async wait(what: WaitFor, signal: AbortSignal): Promise<{ reached: boolean; run: Run }> {
    // Subscribed before the first look: what changes after it is not missed.
    const sleeper = new Sleeper(this.wakeups, [what.for === 'exited' ? `end:${what.runId}` : `run:${what.runId}`], signal);
    const deadline = Date.now() + what.seconds * 1000;
    try {
      for (;;) {
        const phase = await this.runs.phaseOf(what.workspaceId, what.runId);
        if (phase === null) throw notFound(what.runId);
        const reached = isReached(phase, what.for);
        const left = deadline - Date.now();
        if (reached || left <= 0 || signal.aborted) return { reached, run: await this.view(what) };
        await sleeper.sleep(Math.min(left, TICK_MS));
      }
    } finally {
      sleeper.close();
    }
  }

  private async view({ workspaceId, runId }: WaitFor): Promise<Run> {
    const run = await this.runs.get(workspaceId, runId);
    if (!run) throw notFound(runId);
    return run;
  }
}

const isReached = (phase: Phase, wanted: WaitFor['for']) =>
  isTerminal(phase) || (wanted === 'running' && (phase === 'running' || phase === 'stopping'));
const notFound = (id: string) => new BerthError('not-found', `There is no run ${id}.`);
