/** A BullMQ worker for each queue of the catalog. */
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Worker } from 'bullmq';
import { ENV, type Env } from '../config/env.ts';
import { bindHandlers, QUEUE_NAMES, QUEUES, type QueueName } from './catalog.ts';
import { PlacementJob } from './placement-job.ts';
import { connectRedis } from './redis.ts';

@Injectable()
export class Workers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Workers');
  private readonly handlers: ReturnType<typeof bindHandlers>;
  private readonly workers: Worker[] = [];

  constructor(
    @Inject(ENV) private readonly env: Env,
    placement: PlacementJob,
  ) {
    this.handlers = bindHandlers({ placement: ({ workspaceId }) => placement.run(workspaceId) });
  }

  onApplicationBootstrap(): void {
    for (const name of QUEUE_NAMES) this.workers.push(this.open(name));
  }

  /** For /readyz. */
  get running(): boolean {
    return this.workers.length === QUEUE_NAMES.length && this.workers.every((worker) => worker.isRunning());
  }

  async onModuleDestroy(): Promise<void> {
    // A job that is cut off is made good by the sweep of the next process; waiting for Redis here could take for ever.
    await Promise.allSettled(this.workers.map((worker) => worker.close(true)));
  }

  private open(name: QueueName): Worker {
    const worker = new Worker(name, (job) => this.handlers[name](job.data), {
      connection: connectRedis(this.env.REDIS_URL, 'blocking', this.log),
      concurrency: QUEUES[name].concurrency,
      // The jobs take milliseconds; that of a process that died is taken over this soon.
      lockDuration: 3_000,
      stalledInterval: 2_000,
    });
    worker.on('failed', (job, error) => this.log.error(`${name} ${JSON.stringify(job?.data)} failed: ${error.stack ?? error.message}`));
    // Outages of the connection are logged once, by the connection.
    worker.on('error', () => undefined);
    return worker;
  }
}
