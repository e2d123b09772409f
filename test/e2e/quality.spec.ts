/** What holds for every page: accessible in both themes, readable on a phone, light to load, free of errors in the browser. */
import type { Page } from '@playwright/test';
import { isAccessible, violations, wideElements } from './support/accessible.ts';
import type { Stack } from './support/stack.ts';
import { at, expect, isLive, shell, test } from './support/test.ts';

const BUDGET_BYTES = 250 * 1024;

const KEPT_SERVICE = {
  replicas: 1,
  template: { spec: { ...shell('exec sleep 600'), ports: [{ containerPort: 80 }], resources: { cpu: '0.1', memory: '16Mi' } } },
  autoscale: { min: 1, max: 2, cpuPercent: 90 },
};

interface Place {
  name: string;
  path: string;
  /** What is on the page once it is all there. */
  ready: (page: Page) => Promise<void>;
}

async function places({ berth: { client } }: Stack): Promise<Place[]> {
  const good = await client.createRun({ image: 'hello-world' });
  const bad = await client.createRun(shell('echo fine; echo "not fine" >&2; exit 3'), { name: 'bad-end', labels: { team: 'blue' } });
  const waiting = await client.createRun({ image: 'busybox', resources: { memory: '900Ti' } }, { name: 'waits' });
  const works = await client.createRun(shell('while true; do i=$((i+1)); sleep 0.01; done'), { name: 'works' });
  const typed = await client.createRun({ image: 'busybox', command: ['/bin/sh'], tty: true, stdin: true }, { name: 'typed-into' });
  const fed = await client.createRun({ ...shell('exec cat'), stdin: true, stdinOnce: true }, { name: 'is-fed' });
  await client.createSecret(`quality-${good.metadata.id.slice(-12)}`, 'not to be seen');
  await client.waitRun(good.metadata.id);
  await client.waitRun(bad.metadata.id);
  // The stack is kept from one test to the next, and a name is taken once.
  const kept = (await client.listServices()).items[0] ?? (await client.createService('kept', KEPT_SERVICE));
  const host = (await client.listHosts()).items[0];
  const shows = (text: string) => (page: Page) => expect(page.getByText(text).filter({ visible: true }).first()).toBeVisible();
  return [
    { name: 'runs', path: '/runs', ready: shows('bad-end') },
    { name: 'runs, none', path: '/runs?name=nothing-is-called-so', ready: shows('No run fits') },
    { name: 'new run', path: '/runs/new?line=docker+run+-p+80:80+-e+A%3D1+-m+64m+nginx', ready: shows('The same from a terminal') },
    { name: 'run', path: `/runs/${good.metadata.id}`, ready: shows('For more examples and ideas') },
    { name: 'run, bad end', path: `/runs/${bad.metadata.id}`, ready: shows('not fine') },
    { name: 'run, waiting', path: `/runs/${waiting.metadata.id}`, ready: shows('Queued for') },
    { name: 'inspect', path: `/runs/${bad.metadata.id}?tab=inspect`, ready: shows('Generation') },
    { name: 'stats', path: `/runs/${works.metadata.id}?tab=stats`, ready: shows('Processor') },
    { name: 'files', path: `/runs/${works.metadata.id}?tab=files`, ready: shows('Upload a folder') },
    { name: 'terminal', path: `/runs/${works.metadata.id}?tab=terminal`, ready: terminalIsOpen },
    { name: 'main process', path: `/runs/${typed.metadata.id}?tab=terminal`, ready: (page) => hasPrompt(page, 'Main process') },
    { name: 'input', path: `/runs/${fed.metadata.id}?tab=terminal`, ready: shows('End of input') },
    { name: 'container', path: `/runs/${bad.metadata.id}?tab=container`, ready: shows('Run a command in it') },
    { name: 'events', path: `/runs/${bad.metadata.id}?tab=events`, ready: shows('asked for it') },
    { name: 'placement', path: `/runs/${bad.metadata.id}?tab=placement`, ready: shows('Chosen') },
    { name: 'placement, waiting', path: `/runs/${waiting.metadata.id}?tab=placement`, ready: shows('Does not fit') },
    { name: 'services', path: '/services', ready: shows('1 of 1 available') },
    { name: 'services, none', path: '/services?name=nothing-is-called-so', ready: shows('No service is called so') },
    { name: 'new service', path: '/services/new', ready: shows('The same from a terminal') },
    { name: 'service', path: `/services/${kept.metadata.id}`, ready: shows('kept-1') },
    { name: 'service, revisions', path: `/services/${kept.metadata.id}?tab=revisions`, ready: shows('Revision 1') },
    { name: 'service, events', path: `/services/${kept.metadata.id}?tab=events`, ready: shows('created with 1 replicas') },
    { name: 'service, edit', path: `/services/${kept.metadata.id}?tab=edit`, ready: shows('Show the plan') },
    { name: 'hosts', path: '/hosts', ready: shows('web-1') },
    { name: 'host', path: `/hosts/${host?.metadata.id}`, ready: shows('bad-end') },
    { name: 'host, images', path: `/hosts/${host?.metadata.id}?tab=images`, ready: shows('busybox') },
    { name: 'host, events', path: `/hosts/${host?.metadata.id}?tab=events`, ready: shows('joined the workspace') },
    { name: 'apply', path: '/apply', ready: shows('Plan') },
    { name: 'volumes', path: '/volumes', ready: shows('No volume yet') },
    { name: 'schedules', path: '/schedules', ready: shows('Nothing is started by the clock yet') },
    { name: 'new schedule', path: '/schedules/new', ready: shows('The next five starts') },
    { name: 'run arrays', path: '/arrays', ready: shows('Nothing is run several times at once yet') },
    { name: 'registries', path: '/registries', ready: shows('No credentials yet') },
    { name: 'secrets', path: '/secrets', ready: shows('Version 1') },
    { name: 'tokens', path: '/tokens', ready: shows('last used') },
    { name: 'settings', path: '/settings', ready: shows('Output older than this') },
  ];
}

test.afterAll(async ({ stack: { berth } }) => {
  for (const { metadata } of (await berth.client.listServices()).items) await berth.client.deleteService(metadata.id);
});

const hasPrompt = (page: Page, name: string) => expect(page.getByRole('region', { name }).getByText('/ #').first()).toBeVisible();

async function terminalIsOpen(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Open a terminal|Another one/ }).click();
  await hasPrompt(page, 'Terminal 1');
}

test('every page is accessible, in both themes', async ({ page, stack }) => {
  test.setTimeout(480_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  for (const place of await places(stack)) {
    await page.goto(at(stack, place.path));
    await isLive(page);
    await place.ready(page);
    await isAccessible(page, place.name);
  }
  for (const [name, open] of [
    ['palette', () => page.keyboard.press('Control+k')],
    ['keys', () => page.keyboard.press('?')],
  ] as const) {
    await open();
    await expect(page.getByRole('dialog')).toBeVisible();
    await isAccessible(page, name);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  expect(errors).toEqual([]);
});

test('the sign-in page is accessible', async ({ browser, stack }) => {
  const context = await browser.newContext({ baseURL: stack.url, storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await context.close();
});

test('a phone shows every page without scrolling sideways', async ({ page, stack }) => {
  test.setTimeout(180_000);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const place of await places(stack)) {
    await page.goto(at(stack, place.path));
    await isLive(page);
    await place.ready(page);
    expect.soft(await wideElements(page), place.name).toEqual([]);
  }
});

test('the theme follows the system, until somebody chooses', async ({ page, stack }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(at(stack, '/runs'));
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the first load takes less than 250 KB of compressed JavaScript', async ({ browser, stack, signedIn }) => {
  const context = await browser.newContext({ baseURL: stack.url, storageState: signedIn });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const scripts = new Map<string, string>();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (/javascript/.test(response.mimeType)) scripts.set(requestId, response.url);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  await page.waitForLoadState('networkidle');
  test.info().annotations.push({ type: 'first load', description: `${(bytes / 1024).toFixed(1)} KB in ${scripts.size} scripts` });
  expect(scripts.size).toBeGreaterThan(3);
  expect(bytes).toBeLessThan(BUDGET_BYTES);
  await context.close();
});
