/** The samples that a console watches: of one run a second apart, of a whole workspace those that are stored, 10 s apart. */
import { SAMPLE_SECONDS } from '@berth/shared/model/sample';
import { Injectable } from '@nestjs/common';
import { SampleRepository } from '../persistence/sample-repository.ts';
import { type RunSample, SampleFeed } from './sample-feed.ts';

/** A watch is asked for anew at this pace, and ends by itself a while after the last one who watched has gone. */
const RENEW_MS = 5_000;
const LEASE_SECONDS = 12;
/** For a reader that does not keep up: the newest are kept. */
const MOST_HELD = 600;

@Injectable()
export class SampleStream {
  constructor(
    private readonly feed: SampleFeed,
    private readonly repository: SampleRepository,
  ) {}

  /** `runId` null: all of the workspace. What a slow reader misses is left out. */
  async *follow(workspaceId: string, runId: string | null, signal: AbortSignal): AsyncGenerator<RunSample[]> {
    let held: RunSample[] = [];
    let wake: () => void = () => undefined;
    const stop = this.feed.listen(workspaceId, (samples) => {
      const wanted = samples.filter(({ run, stored }) => (runId === null ? stored : run === runId && !stored));
      if (wanted.length === 0) return;
      held = [...held, ...wanted].slice(-MOST_HELD);
      wake();
    });
    const renew = runId === null ? undefined : setInterval(() => void this.ask(workspaceId, runId), RENEW_MS);
    if (runId !== null) void this.ask(workspaceId, runId);
    const aborted = () => wake();
    signal.addEventListener('abort', aborted);
    try {
      while (!signal.aborted) {
        if (held.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const samples = held;
        held = [];
        if (samples.length > 0 && !signal.aborted) yield samples;
      }
    } finally {
      stop();
      clearInterval(renew);
      signal.removeEventListener('abort', aborted);
    }
  }

  /** A new attempt of the run is found with the next one. */
  private async ask(workspaceId: string, runId: string): Promise<void> {
    try {
      const hosts = await this.repository.attemptsOf(workspaceId, [runId]);
      for (const [hostId, attemptIds] of hosts) this.feed.watch({ hostId, attemptIds, leaseSeconds: LEASE_SECONDS + SAMPLE_SECONDS.live });
    } catch {
      // The database is away: those who watch see no live samples until it is back.
    }
  }
}
