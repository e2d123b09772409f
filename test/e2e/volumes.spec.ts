/** A volume from its creation to its end, in the console: its data, its users, its backup. */
import { readFileSync } from 'node:fs';
import { isReadable } from './support/accessible.ts';
import { at, expect, shell, test } from './support/test.ts';

test('a volume is created, used, backed up, restored into another one, and deleted once nobody uses it', async ({ page, stack }) => {
  test.setTimeout(120_000);
  const { client } = stack.berth;
  await page.goto(at(stack, '/volumes'));
  await expect(page.getByText('No volume yet')).toBeVisible();
  await expect(page.getByRole('region', { name: 'the curl line' })).toContainText('/volumes');
  await page.getByRole('button', { name: 'Create a volume' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Data');
  await dialog.getByRole('button', { name: 'Create it' }).click();
  await expect(dialog.getByText(/lower-case letters/).nth(1)).toBeVisible();
  await dialog.getByLabel('Name').fill('data');
  await dialog.getByRole('button', { name: 'Create it' }).click();
  const row = (name: string) =>
    page
      .getByRole('list', { name: 'Volumes' })
      .getByRole('listitem')
      .filter({ has: page.getByText(name, { exact: true }) });
  await expect(row('data')).toContainText('on no host yet');
  await expect(row('data').getByRole('button', { name: 'Back up data' })).toHaveAttribute('aria-disabled', 'true');

  // In the form of a run, by its name.
  await page.goto(at(stack, '/runs/new?image=busybox'));
  await page.getByLabel('Arguments').fill('sh -c "echo kept > /data/file; exec sleep 3600"');
  await page.getByRole('button', { name: 'Add a volume' }).click();
  await page.getByLabel('Name of volume 1').fill('data');
  await page.getByLabel('Value of volume 1').fill('data');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('must be an absolute path')).toBeVisible();
  await page.getByLabel('Value of volume 1').fill('/data');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'busybox' })).toBeVisible();
  const [run] = (await client.listRuns('?name=busybox')).items;
  await client.waitRun(run?.metadata.id ?? '', 'running');

  await page.goto(at(stack, '/volumes'));
  await expect(row('data')).toContainText('web-1');
  await expect(row('data').getByRole('link', { name: 'busybox' })).toBeVisible();
  const remove = row('data').getByRole('button', { name: 'Delete data' });
  await expect(remove).toHaveAttribute('aria-disabled', 'true');
  await expect(remove).toHaveAccessibleDescription('Used by busybox: stop it first');
  const downloading = page.waitForEvent('download');
  await row('data').getByRole('link', { name: 'Back up data' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('data.tar.gz');
  const backup = readFileSync(await download.path());
  expect(backup.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));

  await page.getByRole('button', { name: 'Create a volume' }).click();
  await dialog.getByLabel('Name').fill('copy');
  await dialog.getByLabel('Host').selectOption('web-1');
  await dialog.getByRole('button', { name: 'Create it' }).click();
  await row('copy').getByRole('button', { name: 'Restore copy' }).click();
  await expect(dialog.getByRole('button', { name: 'Restore it' })).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByLabel('Backup').setInputFiles({ name: 'data.tar.gz', mimeType: 'application/gzip', buffer: backup });
  await dialog.getByRole('button', { name: 'Restore it' }).click();
  await expect(page.getByText(/copy has what the backup has/)).toBeVisible();
  const reads = await client.createRun({ ...shell('cat /data/file'), volumes: [{ volume: 'copy', target: '/data' }] }, { name: 'reads' });
  await client.waitRun(reads.metadata.id);
  expect(await client.logs(reads.metadata.id)).toBe('kept\n');
  await isReadable(page);

  // What was in use is not, without a reload.
  await client.killRun(run?.metadata.id ?? '');
  await client.waitRun(run?.metadata.id ?? '');
  await expect(remove).not.toHaveAttribute('aria-disabled', 'true', { timeout: 20_000 });
  await remove.click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(row('data')).toHaveCount(0);
});
