/** Wake-ups inside this process at once, and by Redis publish/subscribe to the other replicas, a message for all of one tick. */
import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ENV, type Env } from '../config/env.ts';
import { connectRedis, REDIS } from '../queues/redis.ts';
import { type Topic, Wakeups } from './wakeups.ts';

const CHANNEL = 'berth:wakeups';
const messageSchema = z.object({ from: z.string(), topics: z.array(z.string()) });

@Injectable()
export class RedisWakeups extends Wakeups implements OnModuleDestroy {
  private readonly log = new Logger('Wakeups');
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly self = randomUUID();
  /** How messages of this process begin: they are not read again. */
  private readonly own = `{"from":"${this.self}"`;
  private readonly subscriber: Redis;
  private outgoing = new Set<Topic>();

  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(ENV) env: Env,
  ) {
    super();
    this.subscriber = connectRedis(env.REDIS_URL, 'blocking', this.log);
    this.subscriber.on('message', (_channel: string, text: string) => this.receive(text));
    // ioredis subscribes again by itself after a reconnect.
    this.subscriber.subscribe(CHANNEL).catch(() => undefined);
  }

  override notify(...topics: Topic[]): void {
    for (const topic of topics) this.call(topic);
    if (this.outgoing.size === 0) setImmediate(() => this.publish());
    for (const topic of topics) this.outgoing.add(topic);
  }

  override subscribe(topic: Topic, listener: () => void): () => void {
    const known = this.listeners.get(topic);
    const listeners = known ?? new Set();
    if (!known) this.listeners.set(topic, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(topic) === listeners) this.listeners.delete(topic);
    };
  }

  onModuleDestroy(): void {
    this.subscriber.disconnect();
  }

  private publish(): void {
    const topics = [...this.outgoing];
    this.outgoing = new Set();
    // Redis is away: the readers' slow tick and the sweep make it good.
    this.redis.publish(CHANNEL, JSON.stringify({ from: this.self, topics })).catch(() => undefined);
  }

  private receive(text: string): void {
    if (text.startsWith(this.own)) return;
    const parsed = messageSchema.safeParse(JSON.parse(text));
    for (const topic of parsed.success ? parsed.data.topics : []) this.call(topic);
  }

  private call(topic: string): void {
    for (const listener of this.listeners.get(topic) ?? []) {
      try {
        listener();
      } catch (error) {
        this.log.error(error);
      }
    }
  }
}
