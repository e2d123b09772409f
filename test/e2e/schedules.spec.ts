/** Schedules in the console: from none to a container that the clock started. */
import { isReadable, violations, wideElements } from './support/accessible.ts';
import { at, expect, isLive, test } from './support/test.ts';

test('a schedule is added with a look at its next starts, runs containers, is paused, run by hand, changed and deleted', async ({
  page,
  stack,
}) => {
  test.setTimeout(180_000);
  await page.goto(at(stack, '/schedules'));
  await isLive(page);
  await expect(page.getByText('Nothing is started by the clock yet.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'the curl line' })).toContainText('/schedules');
  await page.getByRole('link', { name: 'Add a schedule' }).first().click();

  const starts = page.getByRole('region', { name: 'Next starts' });
  await expect(starts.getByRole('listitem')).toHaveCount(5);
  await page.getByLabel('Cron').fill('61 * * * *');
  await expect(page.getByText('Invalid value for minute: 61')).toBeVisible();
  await page.getByLabel('Cron').fill('*/2 * * * * *');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await expect(starts).toContainText('In Europe/Berlin.');
  await expect(starts.getByRole('listitem').first()).toContainText(/:\d[02468]/);
  await page.getByRole('button', { name: 'Add the schedule' }).click();
  await expect(page.getByLabel('Image')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Name', { exact: true }).fill('tick');
  await page.getByLabel('Image').fill('busybox');
  await page.getByLabel('Arguments').fill("sh -c 'echo tick at $BERTH_SCHEDULED_AT'");
  await page.getByLabel('If the run before has not ended').selectOption('Leave the start out');
  await page.getByRole('button', { name: 'Add the schedule' }).click();

  await expect(page.getByRole('heading', { name: 'tick' })).toBeVisible();
  const runs = page.getByRole('list', { name: 'Runs' });
  await expect(runs.getByText('Exited (0)').first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText(/^Paused by .*: it starts nothing by itself/)).toBeVisible();
  await page.getByRole('tab', { name: 'Last starts' }).click();
  await expect(
    page
      .getByRole('list', { name: 'Last starts' })
      .getByText(/^Started for/)
      .first(),
  ).toBeVisible();

  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByText('started by the schedule tick')).toBeVisible();
  await expect(page.getByText(/tick at 20/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('link', { name: 'the schedule tick' }).click();
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(page.getByText(/^Started now, because it was asked for, by/)).toBeVisible();

  await page.getByRole('link', { name: 'Change' }).click();
  await page.getByLabel('Cron').fill('@daily');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('@daily')).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText(/^Next on .* Europe\/Berlin/)).toBeVisible();

  await page.getByRole('link', { name: 'Schedules' }).first().click();
  const row = page.getByRole('list', { name: 'Schedules' }).getByRole('listitem').filter({ hasText: 'tick' });
  await expect(row).toContainText('Scheduled');
  await expect(row).toContainText(/in \d+ (h|min)/);
  await expect(row).toContainText('Exited (0)');
  await row.getByRole('link').click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('tick was deleted.')).toBeVisible();
  await expect(page.getByText('Nothing is started by the clock yet.')).toBeVisible();
});

test('what a run can have can be written for those of a schedule, and a change keeps what it does not touch', async ({ page, stack }) => {
  const { client } = stack.berth;
  const secret = await client.createSecret('report-key', 'not to be seen');
  await page.goto(at(stack, '/schedules/new'));
  await isLive(page);
  await page.getByLabel('Name', { exact: true }).fill('report');
  await page.getByLabel('Cron').fill('@yearly');
  await page.getByLabel('Image').fill('busybox');
  await page.getByRole('button', { name: 'Add a variable' }).click();
  await page.getByLabel('Name of variable 1').fill('MODE');
  await page.getByLabel('Value of variable 1').fill('fast');
  await page.getByRole('button', { name: 'Add a secret' }).click();
  await page.getByLabel('Name of secret 1').selectOption('report-key');
  await page.getByLabel('Variable of secret 1').fill('REPORT_KEY');
  await page.locator('summary', { hasText: 'Limits, health and more' }).click();
  await page.getByLabel('Memory', { exact: true }).fill('much');
  await page.getByLabel('Time-out').fill('60');
  await page.getByLabel('Runs that are kept after their end').fill('many');
  await page.getByRole('button', { name: 'Add the schedule' }).click();
  await expect(page.getByLabel('Memory', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Runs that are kept after their end')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('2 fields need a change.')).toBeVisible();
  await isReadable(page, 'form');
  await page.getByLabel('Memory', { exact: true }).fill('32Mi');
  await page.getByLabel('Runs that are kept after their end').fill('3');
  await page.locator('summary', { hasText: 'Placement, priority and turns' }).click();
  await page.getByLabel('Priority').fill('-1');
  await page.getByRole('button', { name: 'Add the schedule' }).click();

  await expect(page.getByRole('heading', { name: 'report' })).toBeVisible();
  const id = page.url().match(/sch_\w+/)?.[0] ?? '';
  const made = await client.getSchedule(id);
  expect(made.spec).toMatchObject({
    cron: '@yearly',
    keep: 3,
    template: {
      spec: {
        image: 'busybox',
        env: { MODE: 'fast' },
        secrets: [{ secret: 'report-key', env: 'REPORT_KEY' }],
        resources: { memory: '32Mi' },
        timeoutSeconds: 60,
        priority: -1,
      },
    },
  });

  await page.getByRole('link', { name: 'Change' }).click();
  await expect(page.getByLabel('Memory', { exact: true })).toHaveValue('32Mi');
  await expect(page.getByLabel('Name', { exact: true })).not.toBeEditable();
  await page.getByLabel('Arguments').fill("sh -c 'echo $MODE'");
  await page.getByRole('button', { name: 'Remove secret 1' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('busybox sh -c echo $MODE')).toBeVisible();
  const { secrets: _gone, ...rest } = made.spec.template.spec;
  const changed = { ...rest, args: ['sh', '-c', 'echo $MODE'] };
  expect((await client.getSchedule(id)).spec).toEqual({ ...made.spec, template: { spec: changed } });

  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByText('started by the schedule report')).toBeVisible();
  await expect(page.getByText('fast', { exact: true })).toBeVisible();
  await client.deleteSecret(secret.metadata.id, true);
  await client.send('DELETE', `${client.base}/schedules/${id}`);
});

test('what cannot be done says why, and the pages are accessible in both themes and on a phone', async ({ page, stack }) => {
  test.setTimeout(180_000);
  const { client } = stack.berth;
  const template = { spec: { image: 'busybox', args: ['sleep', '600'], stopGracePeriodSeconds: 0 } };
  const busy = await client.createSchedule('holds-on', { cron: '*/5 * * * * *', timeZone: 'Europe/Berlin', template });
  const held = await client.createSchedule('waits-for-the-year-to-end', {
    cron: '@yearly',
    paused: true,
    template: { spec: { image: 'hello-world' } },
  });
  await page.goto(at(stack, `/schedules/${busy.metadata.id}`));
  await isLive(page);
  await expect(page.getByText(/was left out: the run of .* is still there/).first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Run now' })).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByRole('tooltip', { name: /forbids another one/, includeHidden: true })).toHaveCount(1);

  const id = busy.metadata.id;
  const pages = [
    { name: 'list', path: '/schedules', shows: 'waits-for-the-year-to-end' },
    { name: 'form', path: '/schedules/new', shows: /^In .*\.$/ },
    { name: 'schedule', path: `/schedules/${id}`, shows: 'Running' },
    { name: 'starts', path: `/schedules/${id}?tab=starts`, shows: 'Left out' },
    { name: 'events', path: `/schedules/${id}?tab=events`, shows: /^Created, by/ },
    { name: 'change', path: `/schedules/${id}/edit`, shows: /^In .*\.$/ },
  ];
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 844 });
    for (const { name, path, shows } of pages) {
      await page.goto(at(stack, path));
      await isLive(page);
      await expect(page.getByText(shows).filter({ visible: true }).first()).toBeVisible();
      await page.screenshot({ path: test.info().outputPath(`${name}-${colorScheme}-${width}.png`) });
      expect.soft(await violations(page), `${name}, ${colorScheme}, ${width}`).toEqual([]);
      expect.soft(await wideElements(page), `${name}, ${width}`).toEqual([]);
    }
  }
  const { items } = await client.listRuns(`?schedule=${busy.metadata.id}`);
  for (const { metadata } of [busy, held]) await client.send('DELETE', `${client.base}/schedules/${metadata.id}`);
  await Promise.all(items.map(({ metadata }) => client.deleteRun(metadata.id, true)));
});
