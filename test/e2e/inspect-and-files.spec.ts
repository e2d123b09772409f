import { readFile } from 'node:fs/promises';
import { at, expect, openRun, shell, test } from './support/test.ts';

test('a container is inspected, with what was asked beside what it has and its secrets masked', async ({ page, stack }) => {
  const spec = { ...shell('echo ready; exec sleep 600'), env: { COLOUR: 'blue', DB_PASSWORD: 'hunter2' }, resources: { memory: '64Mi' } };
  const id = await openRun(page, stack, spec);
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await page.getByRole('tab', { name: 'Inspect' }).click();
  await expect(page.getByText('The container is as it was asked for.')).toBeVisible();
  await expect(page.getByRole('row', { name: /memory/ })).toContainText('64Mi');
  const secret = page.getByRole('row', { name: /DB_PASSWORD/ });
  await expect(secret).not.toContainText('hunter2');
  await expect(page.getByText('hunter2')).toHaveCount(0);
  await page.getByRole('button', { name: 'Reveal DB_PASSWORD' }).click();
  await expect(secret).toContainText('hunter2');
  await expect(page.getByRole('region', { name: "the engine's JSON" })).toContainText('"Running": true');
  await stack.berth.client.killRun(id);
});

test('files of a container are browsed, uploaded and downloaded', async ({ page, stack }) => {
  const id = await openRun(page, stack, shell('mkdir -p /data/inner; echo one > /data/one; echo ready; exec sleep 600'));
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await page.goto(at(stack, `/runs/${id}?tab=files`));
  await page.getByRole('button', { name: 'data', exact: true }).click();
  await expect(page).toHaveURL(/path=\/data/);
  await expect(page.getByRole('row', { name: /inner/ })).toContainText('drwxr-xr-x');
  await page.getByLabel('Files to upload').setInputFiles({ name: 'up.bin', mimeType: '', buffer: Buffer.from([0, 255, 10, 13]) });
  await expect(page.getByRole('row', { name: /up\.bin/ })).toContainText('4 B');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download up.bin' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('up.bin');
  expect([...(await readFile(await saved.path()))]).toEqual([0, 255, 10, 13]);
  await page.getByRole('navigation', { name: 'Path' }).getByRole('button', { name: '/' }).click();
  await expect(page.getByRole('button', { name: 'etc', exact: true })).toBeVisible();
  await stack.berth.client.killRun(id);
});
