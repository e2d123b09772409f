/** What a page costs the browser while it is looked at: long tasks, answers to keys, the share of its main thread, bytes over its websocket. */
import type { CDPSession, Page } from '@playwright/test';
import { z } from 'zod';

/** In the page, whose world has no types here. Events shorter than 16 ms are not told by the browser. */
const OBSERVE = `
  globalThis.pageCost = { tasks: [], events: [] };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) pageCost.tasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { interactionId, startTime, duration } of list.getEntries()) if (interactionId) pageCost.events.push({ at: startTime, ms: duration });
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });`;
const spans = z.array(z.object({ at: z.number(), ms: z.number() }));

export interface Cost {
  /** Tasks of 50 ms and more. */
  longTasksMs: number[];
  /** From a key or a click to the frame that shows its effect; those of less than 16 ms are left out. */
  interactionsMs: number[];
  /** Of the time, in which the main thread was at work. */
  busyShare: number;
  socketBytesPerSecond: number;
}

export class PageCost {
  readonly page: Page;
  readonly session: CDPSession;
  #socketBytes = 0;

  private constructor(page: Page, session: CDPSession) {
    this.page = page;
    this.session = session;
    session.on('Network.webSocketFrameReceived', ({ response }) => {
      this.#socketBytes += response.payloadData.length;
    });
  }

  /** Before the page goes anywhere. */
  static async of(page: Page): Promise<PageCost> {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Performance.enable');
    await page.addInitScript(OBSERVE);
    return new PageCost(page, session);
  }

  async during(work: () => Promise<unknown>): Promise<Cost> {
    const before = { now: await this.#now(), bytes: this.#socketBytes, busy: await this.#busySeconds() };
    await work();
    const seconds = ((await this.#now()) - before.now) / 1000;
    const since = (name: string) => `pageCost.${name}.filter(({ at }) => at >= ${before.now})`;
    const [tasks, events] = await Promise.all([this.#read(since('tasks')), this.#read(since('events'))]);
    return {
      longTasksMs: tasks,
      interactionsMs: events,
      busyShare: ((await this.#busySeconds()) - before.busy) / seconds,
      socketBytesPerSecond: (this.#socketBytes - before.bytes) / seconds,
    };
  }

  async #now(): Promise<number> {
    return z.number().parse(await this.page.evaluate('performance.now()'));
  }

  async #read(expression: string): Promise<number[]> {
    return spans.parse(await this.page.evaluate(expression)).map(({ ms }) => ms);
  }

  async #busySeconds(): Promise<number> {
    const { metrics } = await this.session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  }
}
