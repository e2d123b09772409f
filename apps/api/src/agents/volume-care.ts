/**
 * What hosts are to do about volumes, from what Postgres says now, in whichever replica comes first: deleted ones are removed there, as
 * soon as their host can be asked; the others are measured now and then.
 */
import { BerthError } from '@berth/shared/errors/problem';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type MeasureOnHost, type RemovalOnHost, VolumeCareRepository } from '../persistence/volume-care-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { HostCalls } from './host-calls.ts';

const TICK_MS = 1_000;
const REMOVE_AGAIN_SECONDS = 10;
/** The engine looks at every file of every volume for it. */
const MEASURE_SECONDS = 300;
const FIRST_MEASURE_SECONDS = 15;
const MEASURE_TICKS = 5;

@Injectable()
export class VolumeCare implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('VolumeCare');
  private timer: NodeJS.Timeout | undefined;
  private ticks = 0;
  private failing = false;
  private closing = false;

  constructor(
    private readonly volumes: VolumeCareRepository,
    private readonly calls: HostCalls,
    private readonly wakeups: Wakeups,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.timer);
  }

  /** Throws BerthError where the host gives no answer. */
  async measure({ workspaceId, hostId, hostName, volumeIds }: MeasureOnHost): Promise<void> {
    const { sizes } = await this.calls.call<'volume.measure'>({ hostId, hostName }, '', { name: 'volume.measure', volumes: volumeIds });
    if (await this.volumes.measured(workspaceId, hostId, hostName, sizes)) this.wakeups.notify(`events:${workspaceId}`);
  }

  private schedule(): void {
    if (!this.closing) this.timer = setTimeout(() => void this.tick().finally(() => this.schedule()), TICK_MS);
  }

  private async tick(): Promise<void> {
    this.ticks++;
    try {
      await this.volumes.forget();
      // Not waited for: a host that gives no answer holds nobody else up.
      for (const one of await this.volumes.claimRemovals(REMOVE_AGAIN_SECONDS)) void this.remove(one);
      if (this.ticks % MEASURE_TICKS === 0) {
        const due = await this.volumes.claimMeasures(MEASURE_SECONDS, FIRST_MEASURE_SECONDS);
        for (const host of due) void this.measure(host).catch((error: unknown) => this.told(error));
      }
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.closing) this.warn(error);
      this.failing = true;
    }
  }

  /** A host that is asked twice does it once. Never rejects: it is asked again. */
  private async remove({ volumeId, hostId, hostName }: RemovalOnHost): Promise<void> {
    try {
      await this.calls.call<'volume.remove'>({ hostId, hostName }, '', { name: 'volume.remove', volume: volumeId });
      await this.volumes.removed(volumeId);
    } catch (error) {
      this.told(error);
    }
  }

  /** What a host says is no fault of this process. */
  private told(error: unknown): void {
    if (error instanceof BerthError) this.log.debug(error.detail);
    else this.warn(error);
  }

  private warn(error: unknown): void {
    if (!this.closing) this.log.warn(`cannot look after volumes now: ${error instanceof Error ? error.message : String(error)}`);
  }
}
