import { join } from 'node:path';
import { startChild } from '../../scripts/parts/child.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { startEngine } from '../support/engine.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { at, expect, isLive, test } from './support/test.ts';

test('the line that adds a host does, and the host appears in the dialog', async ({ page, stack }) => {
  await page.goto(at(stack, '/hosts'));
  await isLive(page);
  await expect(page.getByRole('heading', { name: 'web-1' })).toBeVisible();
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
