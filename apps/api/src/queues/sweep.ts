/**
 * What makes the queues a hurry and not a truth (law L1): work that Postgres knows of and no wake-up came for is done from here, without
 * Redis. After a FLUSHALL, a crash between commit and wake-up, or an outage of Redis everything goes on within seconds.
 */
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EndRunArrayCommand } from '../commands/end-run-array.ts';
import { KeyRewrap } from '../persistence/key-rewrap.ts';
import { SampleRepository } from '../persistence/sample-repository.ts';
import { SweepRepository } from '../persistence/sweep-repository.ts';
import { Drains } from './drains.ts';
import { Expiry } from './expiry.ts';
import { PlacementJob } from './placement-job.ts';
import { Schedules } from './schedules.ts';
import { Services } from './services.ts';

const TICK_MS = 1_000;
/** A wake-up takes milliseconds; a run that nobody has looked at for this long has lost its own. */
const OVERLOOKED_SECONDS = 1;
/** Runs that wait for room are looked at this often, should the wake-up of the room have been lost. */
const PENDING_TICKS = 10;
const EXPIRY_TICKS = 5;
const PRUNE_TICKS = 60;
/** Of a minute: what else is to be looked at waits for it. */
const MOST_PRUNING_MS = 5_000;

@Injectable()
export class Sweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Sweep');
  private timer: NodeJS.Timeout | undefined;
  private ticks = 0;
  private failing = false;
  private closing = false;

  constructor(
    private readonly repository: SweepRepository,
    private readonly placement: PlacementJob,
    private readonly drains: Drains,
    private readonly expiry: Expiry,
    private readonly schedules: Schedules,
    private readonly arrays: EndRunArrayCommand,
    private readonly samples: SampleRepository,
    private readonly services: Services,
    private readonly keys: KeyRewrap,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (!this.closing) this.timer = setTimeout(() => void this.tick().finally(() => this.schedule()), TICK_MS);
  }

  private async tick(): Promise<void> {
    this.ticks++;
    try {
      await this.schedules.startDue();
      const all = this.ticks % PENDING_TICKS === 0;
      const workspaces = all ? await this.repository.pending() : await this.repository.overlooked(OVERLOOKED_SECONDS);
      await Promise.all(workspaces.map((workspaceId) => this.placement.run(workspaceId)));
      await this.services.goOn();
      await this.drains.goOn();
      this.arrays.begin();
      if (this.ticks % EXPIRY_TICKS === 0) {
        await this.expiry.removeExpired();
        await this.schedules.removeSurplus();
      }
      if (this.ticks % PRUNE_TICKS === 0) {
        await this.prune();
        await this.samples.rollUp();
      }
      if (this.ticks % PRUNE_TICKS === 1) await this.keys.goOn();
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.closing) this.log.warn(`cannot sweep now: ${error instanceof Error ? error.message : String(error)}`);
      this.failing = true;
    }
  }

  /** A transaction at a time, until nothing is old any more: 500 runs a second leave thousands of events that are to go a week later. */
  private async prune(): Promise<void> {
    const until = performance.now() + MOST_PRUNING_MS;
    while (!this.closing && performance.now() < until && (await this.repository.prune()) > 0);
  }
}
