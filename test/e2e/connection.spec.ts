import { at, expect, isLive, test } from './support/test.ts';

test('an api that falls silent is noticed, although its connection stays open', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  stack.berth.api.freeze();
  try {
    await expect(page.getByRole('status', { name: /Connection: (reconnecting|stale)/ })).toBeVisible({ timeout: 20_000 });
  } finally {
    stack.berth.api.thaw();
  }
  await isLive(page);
});

test('an api that was killed comes back, and the list with what happened meanwhile', async ({ page, stack }) => {
  const { api, client } = stack.berth;
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  await api.kill();
  await expect(page.getByRole('status', { name: /Connection: stale since/ })).toBeVisible();
  await api.start();
  await client.createRun({ image: 'hello-world' }, { name: 'after-the-kill' });
  await isLive(page);
  await expect(page.getByRole('link', { name: 'after-the-kill' })).toBeVisible();
});
