/** Samples of all hosts: shown to who watches at once, and stored together, one statement for what came in a second. */
import type { AttemptSample } from '@berth/shared/protocol/agent';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type NewSample, type SampledAttempt, SampleRepository } from '../persistence/sample-repository.ts';
import { type RunSample, SampleFeed } from './sample-feed.ts';

const STORE_MS = 1000;
/** Above this the oldest are let go: a database that is away costs no memory. */
const MOST_WAITING = 50_000;
const MOST_KNOWN = 100_000;
/** A slow link delays by less, and a clock that is wrong by less is in nobody's way. */
const CLOCK_TOLERANCE_MS = 20_000;

@Injectable()
export class SampleIngest implements OnModuleDestroy {
  private readonly log = new Logger('SampleIngest');
  /** By host and attempt: whose they are does not change. */
  private readonly known = new Map<string, SampledAttempt>();
  private waiting: NewSample[] = [];
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(
    private readonly repository: SampleRepository,
    private readonly feed: SampleFeed,
  ) {}

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  /** Never throws: a sample that cannot be used is let go. */
  async take(hostId: string, samples: readonly AttemptSample[]): Promise<void> {
    try {
      await this.learn(hostId, samples);
    } catch (error) {
      this.complain(error);
      return;
    }
    const shown: RunSample[] = [];
    for (const { attemptId, stored, ...sample } of byOurClock(samples, Date.now())) {
      const whose = this.known.get(`${hostId} ${attemptId}`);
      if (!whose) continue;
      shown.push({ run: whose.runId, workspaceId: whose.workspaceId, stored, sample });
      if (stored) this.waiting.push({ runId: whose.runId, ...sample });
    }
    this.feed.publish(shown);
    if (this.waiting.length > 0) this.timer ??= setTimeout(() => void this.store(), STORE_MS);
  }

  private async learn(hostId: string, samples: readonly AttemptSample[]): Promise<void> {
    const unknown = samples.map(({ attemptId }) => attemptId).filter((id) => !this.known.has(`${hostId} ${id}`));
    if (unknown.length === 0) return;
    if (this.known.size > MOST_KNOWN) this.known.clear();
    for (const found of await this.repository.ofHost(hostId, unknown)) this.known.set(`${hostId} ${found.attemptId}`, found);
  }

  private async store(): Promise<void> {
    const samples = this.waiting;
    this.waiting = [];
    try {
      await this.repository.insert(samples);
      this.failing = false;
    } catch (error) {
      this.complain(error);
      this.waiting = [...samples, ...this.waiting].slice(-MOST_WAITING);
    }
    this.timer = this.waiting.length > 0 ? setTimeout(() => void this.store(), STORE_MS) : undefined;
  }

  private complain(error: unknown): void {
    if (!this.failing) this.log.warn(`samples cannot be stored now: ${error instanceof Error ? error.message : String(error)}`);
    this.failing = true;
  }
}

/** Samples are sent as soon as they are taken: what is further away than a slow link makes it is the clock of the host, and is put right. */
function byOurClock(samples: readonly AttemptSample[], now: number): readonly AttemptSample[] {
  const newest = Math.max(...samples.map(({ at }) => Date.parse(at)));
  const offset = newest - now;
  if (Math.abs(offset) <= CLOCK_TOLERANCE_MS) return samples;
  return samples.map((sample) => ({ ...sample, at: new Date(Date.parse(sample.at) - offset).toISOString() }));
}
