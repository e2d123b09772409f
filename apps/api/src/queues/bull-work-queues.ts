/** Wake-ups as BullMQ jobs. */
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobOptions } from './catalog.ts';
import { Coalescing } from './coalescing.ts';
import { REDIS } from './redis.ts';
import { WorkQueues } from './work-queues.ts';

@Injectable()
export class BullWorkQueues extends WorkQueues implements OnModuleDestroy {
  private readonly log = new Logger('WorkQueues');
  private readonly placement: Queue;
  private readonly dispatch: Queue;
  private readonly workspaces = new Coalescing((keys) => this.add(this.placement, 'workspaceId', keys));
  private readonly hosts = new Coalescing((keys) => this.add(this.dispatch, 'hostId', keys));
  private failing = false;

  constructor(@Inject(REDIS) connection: Redis) {
    super();
    this.placement = new Queue('placement', { connection });
    this.dispatch = new Queue('dispatch', { connection });
    for (const queue of [this.placement, this.dispatch]) queue.on('error', () => undefined);
  }

  override async wakePlacement(workspaceId: string): Promise<void> {
    this.workspaces.add([workspaceId]);
  }

  override async wakeDispatch(hostIds: readonly string[]): Promise<void> {
    this.hosts.add(hostIds);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.allSettled([this.placement.close(), this.dispatch.close()]);
  }

  private async add(queue: Queue, field: 'workspaceId' | 'hostId', keys: readonly string[]): Promise<void> {
    try {
      await queue.addBulk(keys.map((key) => ({ name: queue.name, data: { [field]: key }, opts: jobOptions(key) })));
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.log.warn(`cannot queue wake-ups, the sweep will: ${error instanceof Error ? error.message : String(error)}`);
      this.failing = true;
    }
  }
}
