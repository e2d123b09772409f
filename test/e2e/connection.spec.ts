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

test('what was read stays on the page while it cannot be read again', async ({ page, stack }) => {
  const { api, client } = stack.berth;
  const { metadata } = await client.createSchedule('nightly-report', {
    cron: '0 3 * * *',
    paused: true,
    template: { spec: { image: 'hello-world' } },
  });
  let failed = 0;
  const isReading = (url: string) => url.endsWith(`/schedules/${metadata.id}`);
  page.on('response', (response) => {
    if (isReading(response.url()) && !response.ok()) failed++;
  });
  page.on('requestfailed', (request) => {
    if (isReading(request.url())) failed++;
  });
  await page.goto(at(stack, `/schedules/${metadata.id}`));
  await expect(page.getByRole('heading', { name: 'nightly-report' })).toBeVisible();
  await isLive(page);
  await api.kill();
  // Three make a reading that has failed; with the fourth that has been told.
  await expect.poll(() => failed, { timeout: 60_000 }).toBeGreaterThan(3);
  await expect(page.getByRole('heading', { name: 'nightly-report' })).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Runs' })).toBeVisible();
  await api.start();
  await isLive(page);
  await client.send('DELETE', `${client.base}/schedules/${metadata.id}`);
});
