/** The Redis client of a process: for the queues, and for publish/subscribe between replicas. Redis may be away or emptied at any time (L1). */
import { Global, Inject, Injectable, Logger, Module, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import { ENV, type Env } from '../config/env.ts';

/** Injection token of the client that sends commands. A command fails at once while Redis is away: callers leave it to the sweep. */
export const REDIS = Symbol('REDIS');

const RETRY_MS = { first: 50, most: 1000 };

/** `blocking`: for workers and subscriptions, whose commands wait until Redis is back. */
export function connectRedis(url: string, use: 'commands' | 'blocking', log: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: use === 'blocking',
    maxRetriesPerRequest: use === 'blocking' ? null : 0,
    enableReadyCheck: true,
    retryStrategy: (times) => Math.min(RETRY_MS.first * 2 ** times, RETRY_MS.most),
  });
  logOutagesOnce(redis, log);
  return redis;
}

/** One line when Redis goes away and one when it is back; not one for each attempt to reach it. */
function logOutagesOnce(redis: Redis, log: Logger): void {
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) log.warn(`Redis does not answer (${error.message || error.name}); trying on, nothing is lost meanwhile`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.log('Redis answers again');
    away = false;
  });
}

@Injectable()
class RedisClosing implements OnModuleDestroy {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  onModuleDestroy(): void {
    this.redis.disconnect();
  }
}

@Global()
@Module({
  providers: [
    { provide: REDIS, useFactory: (env: Env) => connectRedis(env.REDIS_URL, 'commands', new Logger('Redis')), inject: [ENV] },
    RedisClosing,
  ],
  exports: [REDIS],
})
export class RedisModule {}
