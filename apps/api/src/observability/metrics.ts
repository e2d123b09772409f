/** Prometheus metrics of this process, and of what stands in Postgres and Redis, asked at the scrape. */
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { StatisticsRepository } from '../persistence/statistics-repository.ts';
import { QUEUE_NAMES } from '../queues/catalog.ts';
import { REDIS } from '../queues/redis.ts';

@Injectable()
export class Metrics implements OnModuleDestroy {
  private readonly asked: readonly Queue[];
  private readonly logger = new Logger('metrics');
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'berth_http_request_duration_seconds',
    help: 'From the request line to the last byte of the answer; long responses (watch, wait, follow) are counted apart',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });
  private readonly longResponses = new Counter({
    name: 'berth_http_long_responses_total',
    help: 'Waits, watches and followed logs that have ended',
    labelNames: ['route', 'status'],
    registers: [this.registry],
  });
  private readonly runs = new Gauge({
    name: 'berth_runs',
    help: 'Runs that are not at an end, by phase',
    labelNames: ['phase'],
    registers: [this.registry],
  });
  private readonly hosts = new Gauge({ name: 'berth_hosts', help: 'Hosts, by state', labelNames: ['state'], registers: [this.registry] });
  private readonly agents = new Gauge({ name: 'berth_agents_connected', help: 'Agents with a session', registers: [this.registry] });
  private readonly queues = new Gauge({
    name: 'berth_queue_jobs',
    help: 'Jobs in the queues, by state',
    labelNames: ['queue', 'state'],
    registers: [this.registry],
  });
  private readonly reachable = new Gauge({
    name: 'berth_dependency_up',
    help: '1 where Postgres or Redis answered this scrape',
    labelNames: ['dependency'],
    registers: [this.registry],
  });

  constructor(
    private readonly statistics: StatisticsRepository,
    @Inject(REDIS) private readonly redis: Redis,
  ) {
    collectDefaultMetrics({ register: this.registry, prefix: 'berth_' });
    this.asked = QUEUE_NAMES.map((name) => new Queue(name, { connection: redis, skipMetasUpdate: true }));
    // Outages of the connection are logged once, by the connection.
    for (const queue of this.asked) queue.on('error', () => undefined);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.allSettled(this.asked.map((queue) => queue.close()));
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }

  countLongResponse(route: string, status: number): void {
    this.longResponses.inc({ route, status });
  }

  /** What cannot be asked is left out, and said: a dashboard must not read an outage as zero. */
  async render(): Promise<string> {
    await Promise.all([this.ask('postgres', () => this.askPostgres()), this.ask('redis', () => this.askRedis())]);
    return this.registry.metrics();
  }

  private async ask(dependency: string, question: () => Promise<void>): Promise<void> {
    try {
      await question();
      this.reachable.set({ dependency }, 1);
    } catch (error) {
      this.reachable.set({ dependency }, 0);
      this.logger.debug(`${dependency} could not be asked: ${error}`);
    }
  }

  private async askPostgres(): Promise<void> {
    this.runs.reset();
    this.hosts.reset();
    this.agents.reset();
    const { runs, hosts, connectedAgents } = await this.statistics.now();
    for (const { phase, count } of runs) this.runs.set({ phase }, count);
    for (const { state, count } of hosts) this.hosts.set({ state }, count);
    this.agents.set(connectedAgents);
  }

  private async askRedis(): Promise<void> {
    this.queues.reset();
    // A queue would wait until Redis is back.
    if (this.redis.status !== 'ready') throw new Error(`the connection is ${this.redis.status}`);
    await Promise.all(
      this.asked.map(async (queue) => {
        const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
        for (const [state, count] of Object.entries(counts)) this.queues.set({ queue: queue.name, state }, count);
      }),
    );
  }
}
