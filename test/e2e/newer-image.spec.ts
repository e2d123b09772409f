import { pushBusybox } from '../support/images.ts';
import { at, expect, openRun, test } from './support/test.ts';

test('a run whose image has moved on says so, and is run again with the newer one by one click', async ({ page, stack }) => {
  const { client } = stack.berth;
  const image = `${stack.mirror.server}/team/app:1.0.0`;
  await pushBusybox(stack.mirror, 'team/app', '1.0.0');
  const id = await openRun(page, stack, { image, command: ['sleep', '3600'], stopGracePeriodSeconds: 0 });
  const { digest: before } = (await client.waitRun(id, 'running')).status.image;
  const look = async () => JSON.parse((await client.send('GET', `${client.base}/runs/${id}/image`)).text);
  await expect.poll(look).toMatchObject({ state: 'current' });
  await page.reload();
  await expect(page.getByText('up to date')).toBeVisible();

  const after = await pushBusybox(stack.mirror, 'team/app', '1.0.0', { files: [{ path: 'second', data: Buffer.from('2') }] });
  await expect.poll(look).toMatchObject({ state: 'tag-moved' });
  await page.reload();
  await expect(page.getByRole('status', { name: 'Newer image' })).toContainText('1.0.0 names a newer image by now.');
  await page.getByRole('button', { name: 'Run again with the newer image' }).click();
  await expect(page).not.toHaveURL(new RegExp(id));
  const again = /run_[0-9a-z]+/.exec(page.url())?.[0] ?? '';
  const { status } = await client.waitRun(again, 'running');
  expect(status.image).toEqual({ reference: image, digest: after });
  expect(after).not.toBe(before);
  await expect(page.getByText('up to date')).toBeVisible();

  // The older one, now that its host has what it does not run; and a version that is higher.
  await pushBusybox(stack.mirror, 'team/app', '1.10.0');
  await expect.poll(look).toMatchObject({ state: 'pulled-not-running', newerVersion: `${stack.mirror.server}/team/app:1.10.0` });
  await page.goto(at(stack, `/runs/${id}`));
  await expect(page.getByRole('button', { name: 'Run again with the newer image' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run again with 1.10.0' })).toBeVisible();
  await Promise.all([client.killRun(id), client.killRun(again)]);
});
