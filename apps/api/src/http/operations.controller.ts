/** For those who operate Berth: is it alive, is it ready, what does it do. */
import { Controller, Get, Inject, Optional, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Redis } from 'ioredis';
import { Metrics } from '../observability/metrics.ts';
import { StatisticsRepository } from '../persistence/statistics-repository.ts';
import { REDIS } from '../queues/redis.ts';
import { Workers } from '../queues/workers.ts';
import { Public } from './principal.decorators.ts';

const PATIENCE_MS = 2000;

@ApiExcludeController()
@Public()
@Controller()
export class OperationsController {
  constructor(
    private readonly statistics: StatisticsRepository,
    private readonly metrics: Metrics,
    @Inject(REDIS) private readonly redis: Redis,
    @Optional() @Inject(Workers) private readonly workers: Workers | undefined,
  ) {}

  /** The process answers. */
  @Get('healthz')
  health() {
    return { status: 'ok' };
  }

  /** 200 where work can be done: Postgres, Redis and, unless the role is http, the workers. 503 names what is missing. */
  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const [postgres, redis] = await Promise.all([answers(this.statistics.ping()), answers(this.redis.ping())]);
    const workers = this.workers === undefined || this.workers.running ? 'ok' : 'not running';
    const ready = postgres === 'ok' && redis === 'ok' && workers === 'ok';
    reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
    return { status: ready ? 'ok' : 'not ready', checks: { postgres, redis, workers } };
  }

  @Get('metrics')
  async scrape(@Res() reply: FastifyReply): Promise<void> {
    const text = await this.metrics.render();
    reply.type(this.metrics.contentType).send(text);
  }
}

/** "ok", or why not. */
async function answers(question: Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${PATIENCE_MS} ms`), PATIENCE_MS);
  });
  try {
    return await Promise.race([question.then(() => 'ok'), patience]);
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  } finally {
    clearTimeout(timer);
  }
}
