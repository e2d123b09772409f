import { join } from 'node:path';
import { startChild } from '../../scripts/parts/child.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { startEngine } from '../support/engine.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { at, expect, isLive, test } from './support/test.ts';

test('the line that adds a host does, and the host appears in the dialog', async ({ page, stack }) => {
  await page.goto(at(stack, '/hosts'));
  await isLive(page);
  await expect(page.getByRole('table', { name: 'Hosts' }).getByRole('link', { name: 'web-1' })).toBeVisible();
  await page.getByRole('button', { name: 'Add a host' }).click();
  const line = await page.getByRole('region', { name: 'the line for the host' }).innerText();
  const token = /--join[ =](\S+)/.exec(line)?.[1];
  const url = /(\S+)\/install\.sh/.exec(line)?.[1];
  expect(line, 'names the address and the token').toMatch(/^curl -fsSL http\S+\/install\.sh \| sudo sh -s -- --join bjt_/);
  await expect(page.getByText(/Waiting for it to appear/)).toBeVisible();

  const [engine, home] = await Promise.all([startEngine(), temporaryFolder('added')]);
  const agent = startChild({
    command: process.execPath,
    args: [
      join(repository, 'apps/agent/dist/main.js'),
      ...['--url', url ?? '', '--join', token ?? '', '--home', home, '--name', 'added-1', '--engine', engine.host],
    ],
    logFile: join(home, 'agent.log'),
  });
  try {
    await expect(page.getByRole('dialog').getByText('added-1'), agent.tail(20)).toBeVisible();
    await expect(page.getByRole('dialog').getByText('Ready')).toBeVisible();
    await page.getByRole('dialog').getByRole('link', { name: 'Open' }).click();
    await expect(page.getByRole('heading', { name: 'added-1' })).toBeVisible();
  } finally {
    await agent.stop('SIGTERM', 10_000);
  }
  await expect(page.getByRole('status').filter({ hasText: 'Not ready' })).toBeVisible();
  const host = (await stack.berth.client.listHosts()).items.find((one) => one.metadata.name === 'added-1');
  await stack.berth.client.send('DELETE', `${stack.berth.client.base}/hosts/${host?.metadata.id}`);
  await engine.stop();
});

test('a host is cordoned and let in again from its page, renamed, and its events say who did it', async ({ page, stack }) => {
  const host = (await stack.berth.client.listHosts()).items.find((one) => one.metadata.name === 'web-1');
  await page.goto(at(stack, `/hosts/${host?.metadata.id}`));
  await isLive(page);
  await expect(page.getByText('Takes new runs')).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.getByRole('button', { name: 'Uncordon' })).toBeVisible();
  await expect(page.getByText(/Cordoned by .*: it takes no new run, what runs here goes on/)).toBeVisible();
  await page.getByRole('button', { name: 'Uncordon' }).click();
  await expect(page.getByText('Takes new runs')).toBeVisible();

  await page.getByRole('button', { name: 'Name and labels' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('web one');
  await page.getByRole('textbox', { name: 'Labels' }).fill('zone=eu-1');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('must be 1 to 63 lower-case letters')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('web-one');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'web-one' })).toBeVisible();
  await expect(page.getByText('zone=eu-1')).toBeVisible();
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(page.getByRole('list', { name: 'Events' })).toContainText('Renamed from web-1 to web-one, by admin@berth.local');
  await stack.berth.client.updateHost(host?.metadata.id ?? '', { metadata: { name: 'web-1', labels: {} } });
});

test('what no host allows is said at its field of the form', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs/new?line=docker+run+--privileged+-v+/etc:/x:ro+busybox'));
  await isLive(page);
  await expect(page.getByLabel(/^Privileged/)).toBeChecked();
  await page.getByRole('button', { name: /^Run/ }).first().click();
  await expect(page.getByText('web-1 does not allow privileged containers', { exact: true })).toBeVisible();
  await expect(page.getByText('web-1 does not allow mounts of /etc', { exact: true })).toBeVisible();
});

test('join tokens are made for several machines, listed and revoked', async ({ page, stack }) => {
  await page.goto(at(stack, '/hosts'));
  await isLive(page);
  await page.getByRole('button', { name: 'Add a host' }).click();
  const line = page.getByRole('region', { name: 'the line for the host' });
  const first = await line.innerText();
  await page.getByText('For several machines, for longer, with labels…').click();
  await page.getByLabel('Machines').selectOption('10');
  await page.getByRole('textbox', { name: 'Labels' }).fill('zone=eu-1');
  await page.getByRole('button', { name: 'Make another line' }).click();
  await expect(line).not.toHaveText(first);
  await expect(page.getByText('It works several times')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Join tokens' }).click();
  const item = page.getByRole('list', { name: 'Join tokens' }).getByRole('listitem').first();
  await expect(item).toContainText('used 0 of 10 · zone=eu-1');
  await item.getByRole('button').click();
  await expect(item).toContainText('revoked');
});
