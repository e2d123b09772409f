/** Wake-ups as BullMQ jobs. */
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobOptions } from './catalog.ts';
import { Coalescing } from './coalescing.ts';
import { REDIS } from './redis.ts';
import { WorkQueues } from './work-queues.ts';

/** Between two writes to Redis. A round of placement takes longer; a wake-up more often than that only asks again for what is asked. */
const PAUSE_MS = 20;

@Injectable()
export class BullWorkQueues extends WorkQueues implements OnModuleDestroy {
  private readonly log = new Logger('WorkQueues');
  private readonly placement: Queue;
  private readonly workspaces = new Coalescing((keys) => this.add(keys), PAUSE_MS);
  private failing = false;

  constructor(@Inject(REDIS) connection: Redis) {
    super();
    this.placement = new Queue('placement', { connection });
    this.placement.on('error', () => undefined);
  }

  override async wakePlacement(workspaceId: string): Promise<void> {
    this.workspaces.add([workspaceId]);
  }

  async onModuleDestroy(): Promise<void> {
    await this.placement.close().catch(() => undefined);
  }

  private async add(workspaceIds: readonly string[]): Promise<void> {
    try {
      await this.placement.addBulk(
        workspaceIds.map((workspaceId) => ({ name: this.placement.name, data: { workspaceId }, opts: jobOptions(workspaceId) })),
      );
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.log.warn(`cannot queue wake-ups, the sweep will: ${error instanceof Error ? error.message : String(error)}`);
      this.failing = true;
    }
  }
}
