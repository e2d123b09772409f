/**
 * (p) The console before a large fleet: 1,000 simulated hosts, 100,000 stored runs, and lives of runs that go on while Chromium opens the hosts
 * and the runs, waits on them, scrolls and filters. Beside the frames those of an empty page of the same height in the same browser.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from '@playwright/test';
import { startConsole } from '../../../scripts/start/apps.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { framesDuring, openBrowser, wheel } from '../browser-frames.ts';
import { type Figure, median, percentile } from '../figures.ts';
import { PageCost } from '../page-cost.ts';
import { QuickClient } from '../quick-client.ts';
import { startSimulatedHosts } from '../simulated-hosts.ts';
import type { BenchStage } from '../stage.ts';
import { storeRuns } from '../stored-runs.ts';
import type { BenchOptions } from './index.ts';

const IMAGE = 'hello-world:latest';
const ZONES = ['eu-1', 'eu-2', 'eu-3', 'us-1'];
/** Behind those that another scenario stores. */
const FIRST_STORED = 10_000_001;
const HEIGHT = 36_000;
const CREATES_AT_ONCE = 16;

interface Place {
  name: string;
  path: string;
  /** Of the scroller, and of the rows that are in it. */
  scroller: string;
  row: string;
  /** Typed into the field "Name", and in the name of every row then. */
  typed: string;
}

const PLACES: readonly Place[] = [
  { name: 'hosts', path: 'hosts', scroller: 'div:has(> table[aria-label="Hosts"])', row: '[data-row-link]', typed: 'simulated-00' },
  { name: 'runs', path: 'runs', scroller: 'div:has(> ol[aria-label="Runs"])', row: '[data-row-link]', typed: 'past-77' },
];

export async function consoleAtScale(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const size = quick
    ? { hosts: 50, stored: 5_000, perSecond: 10, opens: 2, milliseconds: 2_000 }
    : { hosts: 1_000, stored: 100_000, perSecond: 30, opens: 5, milliseconds: 8_000 };
  const { client, credentials, databaseUrl } = stage.berth;
  const realHosts = (await client.listHosts()).items;
  const folder = await temporaryFolder('bench-console');
  const console = await startConsole(stage.consolePort, join(folder, 'console.log'));
  const browser = await openBrowser();
  const creator = new QuickClient({ ...client.account, workspace: credentials.workspace }, CREATES_AT_ONCE);
  const load = new AbortController();
  let loading: Promise<void> = Promise.resolve();
  let endHosts = async (): Promise<void> => undefined;
  try {
    const joinTokens = await Promise.all(ZONES.map(async (zone) => (await client.createJoinToken({ maxUses: null }, { zone })).token));
    ({ end: endHosts } = await startSimulatedHosts({ url: client.account.url, joinTokens, count: size.hosts, image: IMAGE }));
    // The runs of the load are for the simulated hosts: a real engine would be what is measured.
    for (const { metadata } of realHosts) await client.updateHost(metadata.id, { spec: { cordoned: true } });
    await storeRuns(databaseUrl, { workspace: credentials.workspace, runs: size.stored, first: FIRST_STORED });
    progress(`${size.hosts} simulated hosts are connected, ${size.stored} runs are stored`);
    const page = await openSignedIn(browser, stage);
    const cost = await PageCost.of(page);
    const best = await emptyFrames(await page.context().newPage(), size.milliseconds);
    await page.bringToFront();
    loading = keepCreating(() => creator.createRun({ image: IMAGE, pullPolicy: 'if-not-present' }), size.perSecond, load.signal);
    const figures: Figure[] = [];
    for (const place of PLACES) figures.push(...(await measure(page, cost, place, { ...size, best, progress, credentials })));
    return figures.map((figure) => ({
      ...figure,
      details: { ...figure.details, hosts: size.hosts, stored: size.stored, 'lives a second': size.perSecond },
    }));
  } finally {
    load.abort();
    await loading.catch((error: unknown) => progress(`the load failed: ${String(error)}`));
    creator.close();
    for (const { metadata } of realHosts) await client.updateHost(metadata.id, { spec: { cordoned: false } });
    await browser.close();
    await endHosts();
    await console.stop('SIGTERM', 10_000);
  }
}

interface Measure {
  opens: number;
  milliseconds: number;
  best: number[];
  progress: (line: string) => void;
  credentials: BenchStage['berth']['credentials'];
}

async function measure(
  page: Page,
  cost: PageCost,
  place: Place,
  { opens, milliseconds, best, progress, credentials }: Measure,
): Promise<Figure[]> {
  const { name, path, scroller, row, typed } = place;
  const rows = page.locator(`${scroller} ${row}`);
  const firstRows: number[] = [];
  // The first one brings the scripts.
  for (let turn = 0; turn <= opens; turn++) {
    const start = performance.now();
    await page.goto(`/${credentials.workspace}/${path}`, { waitUntil: 'commit' });
    await rows.first().waitFor();
    if (turn > 0) firstRows.push(performance.now() - start);
  }
  await page.getByRole('status', { name: 'Connection: live' }).waitFor();
  const watched = await cost.during(() => delay(milliseconds));
  let frames: number[] = [];
  const scrolled = await cost.during(async () => {
    frames = await framesDuring(page, () => wheel(page, page.locator(scroller), milliseconds));
  });
  await page.locator(scroller).evaluate((element) => element.scrollTo(0, 0));
  const field = page.getByRole('search').getByLabel('Name');
  let shownMs = 0;
  const filtered = await cost.during(async () => {
    await field.click();
    await field.pressSequentially(typed, { delay: 80 });
    const start = performance.now();
    await rows.filter({ hasNotText: typed }).first().waitFor({ state: 'detached' });
    await rows.first().waitFor();
    shownMs = performance.now() - start;
  });
  const longest = Math.max(0, ...watched.longTasksMs, ...scrolled.longTasksMs, ...filtered.longTasksMs);
  const slowest = Math.max(16, ...filtered.interactionsMs);
  const rate = perSecond(frames);
  progress(
    `${name}: first rows ${median(firstRows).toFixed(0)} ms, ${rate.toFixed(1)} frames/s (empty page ${perSecond(best).toFixed(1)}), ` +
      `longest task ${longest.toFixed(0)} ms, ${(watched.socketBytesPerSecond / 1024).toFixed(1)} KiB/s, filter ${shownMs.toFixed(0)} ms`,
  );
  const figure = (what: string, value: number, unit: string, limit: number | null, details: Figure['details'] = {}): Figure => ({
    scenario: 'p',
    name: `${name}: ${what}`,
    value,
    unit,
    baseline: null,
    bound: limit === null ? null : { of: 'value', kind: 'at-most', limit },
    details,
  });
  return [
    figure('opened to first rows', median(firstRows), 'ms', 1000, { max: Math.max(...firstRows), opens }),
    {
      ...figure('frames while scrolled by wheel', rate, 'frames/s', null, {
        p99: percentile(frames, 0.99),
        max: Math.max(...frames),
        'p99 of the empty page': percentile(best, 0.99),
      }),
      baseline: { name: 'empty page', value: perSecond(best) },
      bound: { of: 'value', kind: 'at-least', limit: 50 },
    },
    figure('longest task after it has loaded', longest, 'ms', 200, { 'tasks of 50 ms and more': tasksOf(watched, scrolled, filtered) }),
    figure('main thread at work while it is watched', watched.busyShare * 100, '%', null),
    figure('over its websocket while it is watched', watched.socketBytesPerSecond / 1024, 'KiB/s', null),
    figure('slowest answer to a key in the filter', slowest, 'ms', 200, { keys: typed.length }),
    figure('last key to filtered rows', shownMs, 'ms', 1000),
  ];
}

const tasksOf = (...costs: { longTasksMs: number[] }[]): number => costs.reduce((sum, { longTasksMs }) => sum + longTasksMs.length, 0);

async function openSignedIn(browser: Browser, { berth: { url, credentials } }: BenchStage): Promise<Page> {
  const { email, password } = credentials;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: url });
  const answer = await context.request.post('/api/auth/sign-in/email', { data: { email, password }, headers: { origin: url } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  return context.newPage();
}

async function emptyFrames(page: Page, milliseconds: number): Promise<number[]> {
  await page.bringToFront();
  await page.setContent(`<section style="height:600px;overflow:auto"><div style="height:${HEIGHT}px"></div></section>`);
  const frames = await framesDuring(page, () => wheel(page, page.locator('section'), milliseconds));
  await page.close();
  return frames;
}

/** At a fixed rate, until it is told to stop. */
async function keepCreating(create: () => Promise<string>, perSecond: number, signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  const under = new Set<Promise<unknown>>();
  while (!signal.aborted && failures.length === 0) {
    const created = create()
      .catch((error: unknown) => failures.push(error))
      .finally(() => under.delete(created));
    under.add(created);
    await delay(1000 / perSecond);
  }
  await Promise.all(under);
  if (failures.length > 0) throw failures[0];
}

const perSecond = (frames: readonly number[]): number => (frames.length * 1000) / frames.reduce((sum, frame) => sum + frame, 0);
