/**
 * Live samples on their way from the hosts to who watches them, over all replicas by Redis publish/subscribe. They are at most once: where
 * Redis is away, a viewer sees those of the hosts whose sessions its own replica holds.
 */
import { randomUUID } from 'node:crypto';
import { type Sample, sampleSchema } from '@berth/shared/model/sample';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ENV, type Env } from '../config/env.ts';
import { connectRedis, REDIS } from '../queues/redis.ts';

export interface RunSample {
  run: string;
  workspaceId: string;
  stored: boolean;
  sample: Sample;
}

export interface WatchRequest {
  hostId: string;
  attemptIds: string[];
  leaseSeconds: number;
}

const SAMPLES = 'berth:samples';
const WATCHES = 'berth:watches';
const samplesSchema = z.object({
  from: z.string(),
  samples: z.array(z.object({ run: z.string(), workspaceId: z.string(), stored: z.boolean(), sample: sampleSchema })),
});
const watchSchema = z.object({ from: z.string(), hostId: z.string(), attemptIds: z.array(z.string()), leaseSeconds: z.number() });

@Injectable()
export class SampleFeed implements OnModuleDestroy {
  private readonly log = new Logger('SampleFeed');
  private readonly self = randomUUID();
  private readonly subscriber: Redis;
  private readonly listeners = new Map<string, Set<(samples: RunSample[]) => void>>();
  private readonly watchers = new Set<(request: WatchRequest) => void>();

  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(ENV) env: Env,
  ) {
    this.subscriber = connectRedis(env.REDIS_URL, 'blocking', this.log);
    this.subscriber.on('message', (channel: string, text: string) => this.receive(channel, text));
    // ioredis subscribes again by itself after a reconnect.
    this.subscriber.subscribe(SAMPLES, WATCHES).catch(() => undefined);
  }

  onModuleDestroy(): void {
    this.subscriber.disconnect();
  }

  publish(samples: RunSample[]): void {
    if (samples.length === 0) return;
    this.deliver(samples);
    this.redis.publish(SAMPLES, JSON.stringify({ from: this.self, samples })).catch(() => undefined);
  }

  /** All samples of a workspace. Returns how to stop. */
  listen(workspaceId: string, listener: (samples: RunSample[]) => void): () => void {
    const known = this.listeners.get(workspaceId) ?? new Set();
    this.listeners.set(workspaceId, known);
    known.add(listener);
    return () => {
      known.delete(listener);
      if (known.size === 0) this.listeners.delete(workspaceId);
    };
  }

  /** Asks whichever replica holds the session of the host for a sample a second of these attempts. */
  watch(request: WatchRequest): void {
    for (const watcher of this.watchers) watcher(request);
    this.redis.publish(WATCHES, JSON.stringify({ from: this.self, ...request })).catch(() => undefined);
  }

  onWatch(watcher: (request: WatchRequest) => void): void {
    this.watchers.add(watcher);
  }

  private deliver(samples: readonly RunSample[]): void {
    for (const [workspaceId, listeners] of this.listeners) {
      const some = samples.filter((sample) => sample.workspaceId === workspaceId);
      if (some.length > 0) for (const listener of listeners) listener(some);
    }
  }

  private receive(channel: string, text: string): void {
    const message: unknown = JSON.parse(text);
    if (channel === WATCHES) {
      const parsed = watchSchema.safeParse(message);
      if (parsed.success && parsed.data.from !== this.self) for (const watcher of this.watchers) watcher(parsed.data);
      return;
    }
    const parsed = samplesSchema.safeParse(message);
    if (parsed.success && parsed.data.from !== this.self) this.deliver(parsed.data.samples);
  }
}
