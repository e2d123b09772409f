import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary.ts';
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

test('files and whole folders are uploaded by dropping and by picking them', async ({ page, stack }) => {
  const id = await openRun(page, stack, shell('mkdir /data; echo ready; exec sleep 600'));
  await expect(page.getByText('ready', { exact: true })).toBeVisible();
  await page.goto(at(stack, `/runs/${id}?tab=files&path=/data`));
  await expect(page.getByText('The folder is empty.')).toBeVisible();
  const outside = await temporaryFolder('uploads');
  const put = async (folder: string) => {
    await mkdir(join(outside, folder, 'inner'), { recursive: true });
    await writeFile(join(outside, folder, 'top'), `top of ${folder}`);
    await writeFile(join(outside, folder, 'inner', 'deep'), `deep in ${folder}`);
    return join(outside, folder);
  };
  await writeFile(join(outside, 'single'), 'dropped by itself');
  const [dropped, picked] = [await put('dropped'), await put('picked')];

  // As a person's file manager does it: the browser is given places on the disk.
  const box = await page.getByRole('region', { name: 'Files', exact: true }).boundingBox();
  const session = await page.context().newCDPSession(page);
  const drag = {
    x: (box?.x ?? 0) + 40,
    y: (box?.y ?? 0) + 40,
    data: { items: [], files: [dropped, join(outside, 'single')], dragOperationsMask: 1 },
  };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...drag });
  await expect(page.getByRole('row', { name: /single/ })).toContainText('17 B');
  await expect(page.getByRole('button', { name: 'dropped', exact: true })).toBeVisible();

  await page.getByLabel('Folder to upload').setInputFiles(picked);
  await expect(page.getByRole('button', { name: 'picked', exact: true })).toBeVisible();
  const { stdout } = await stack.berth.client.exec(id, ['sh', '-c', 'cd /data; for f in single */top */inner/deep; do cat $f; echo; done']);
  expect(stdout.data.trim().split('\n')).toEqual([
    'dropped by itself',
    'top of dropped',
    'top of picked',
    'deep in dropped',
    'deep in picked',
  ]);
  await stack.berth.client.killRun(id);
});
