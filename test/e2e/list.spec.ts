import { at, expect, isLive, shell, test } from './support/test.ts';

test('a run that is started in one tab appears and ends in another', async ({ page, context, stack }) => {
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  const other = await context.newPage();
  await other.goto(at(stack, '/runs/new?image=busybox'));
  await other.getByLabel('Arguments').fill('sh -c "sleep 1; exit 0"');
  await other.getByText('Name, limits and more').click();
  await other.getByLabel('Name', { exact: true }).fill('seen-elsewhere');
  await other.getByRole('button', { name: 'Run', exact: true }).click();

  const row = page.getByRole('listitem').filter({ hasText: 'seen-elsewhere' });
  await expect(row).toBeVisible();
  await expect(row).toContainText('Exited (0)');
  await expect(row).toContainText('web-1');
});

test('filters live in the address, and the server applies them', async ({ page, stack }) => {
  const { client } = stack.berth;
  await client.waitRun((await client.createRun(shell('exit 0'), { name: 'filter-one', labels: { team: 'blue' } })).metadata.id);
  await client.waitRun((await client.createRun(shell('exit 0'), { name: 'filter-two', labels: { team: 'red' } })).metadata.id);
  await page.goto(at(stack, '/runs?label=team%3Dblue'));
  await expect(page.getByRole('link', { name: 'filter-one' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'filter-two' })).toHaveCount(0);

  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('searchbox', { name: 'Name' }).fill('filter-two');
  await expect(page).toHaveURL(/name=filter-two/);
  await expect(page.getByRole('link', { name: 'filter-two' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'filter-one' })).toHaveCount(0);
  await page.getByLabel('State').selectOption('running');
  await expect(page.getByText('No run fits these filters.')).toBeVisible();
});

test('keys move through the list, open a run, and help lists them', async ({ page, stack }) => {
  for (const name of ['key-one', 'key-two']) await stack.berth.client.createRun(shell('exit 0'), { name });
  await page.goto(at(stack, '/runs'));
  await isLive(page);
  const rows = page.getByRole('list', { name: 'Runs' }).getByRole('listitem');
  await expect(rows.nth(1)).toBeVisible();
  await page.keyboard.press('j');
  await expect(rows.nth(0).locator('[data-row-link]')).toBeFocused();
  await page.keyboard.press('j');
  await expect(rows.nth(1).locator('[data-row-link]')).toBeFocused();
  await page.keyboard.press('k');
  await expect(rows.nth(0).locator('[data-row-link]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/runs\/run_/);
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page).toHaveURL(/\/hosts$/);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Go to the runs');
});

test('several runs are ticked, by mouse with a range and by key, and stopped together; what cannot be done says why', async ({
  page,
  stack,
}) => {
  const { client } = stack.berth;
  // Nothing fits these: they stay queued, and cost no container.
  for (const name of ['bulk-one', 'bulk-two', 'bulk-three', 'bulk-four']) {
    await client.createRun({ image: 'busybox', resources: { memory: '900Ti' } }, { name, labels: { bulk: 'yes' } });
  }
  await page.goto(at(stack, '/runs?label=bulk%3Dyes'));
  await isLive(page);
  const tick = (name: string) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });
  const bar = page.getByRole('region', { name: 'Selection' });
  await tick('bulk-four').check();
  await expect(bar).toContainText('1 selected');
  await tick('bulk-two').click({ modifiers: ['Shift'] });
  await expect(bar).toContainText('3 selected');
  await expect(tick('bulk-three')).toBeChecked();
  await page.getByRole('link', { name: 'bulk-one' }).focus();
  await page.keyboard.press('x');
  await expect(bar).toContainText('4 selected');
  await page.keyboard.press('x');
  await expect(bar).toContainText('3 selected');
  await expect(bar.getByRole('button', { name: 'Remove' })).toHaveAttribute('aria-disabled', 'true');
  await expect(bar.getByText('It has not ended: stop it first.')).toBeAttached();

  await bar.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('3 runs asked to stop.')).toBeVisible();
  const rows = page.getByRole('list', { name: 'Runs' }).getByRole('listitem');
  await expect(rows.filter({ hasText: 'Cancelled' })).toHaveCount(3);
  await expect(rows.filter({ hasText: 'bulk-one' })).toContainText('Queued');
  await expect(bar).toHaveCount(0);
  await client.stopRun((await client.listRuns('?name=bulk-one')).items[0]?.metadata.id ?? '');
});

test('a run is renamed and labelled from its page; its timeline says who did it; its label leads to its like', async ({ page, stack }) => {
  const { client } = stack.berth;
  const { metadata } = await client.createRun({ image: 'busybox', resources: { memory: '900Ti' } }, { name: 'before-it' });
  await page.goto(at(stack, `/runs/${metadata.id}?tab=events`));
  await isLive(page);
  await page.getByRole('button', { name: 'Name and labels' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Not a name');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('lower-case letters');
  await dialog.getByLabel('Name', { exact: true }).fill('after-it');
  await dialog.getByLabel('Labels').fill('team=renamers');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'after-it' })).toBeVisible();

  const events = page.getByRole('list', { name: 'Events' });
  const who = stack.berth.credentials.email;
  await expect(events).toContainText(`${who} renamed it from before-it to after-it and set its labels to team=renamers`);
  await page.getByRole('button', { name: /^What people did/ }).click();
  await expect(page).toHaveURL(/events=action/);
  await expect(events.getByRole('listitem')).toHaveCount(2);
  await expect(page.getByRole('region', { name: 'Now' })).toContainText('Queued');

  await page.getByRole('link', { name: 'team=renamers' }).click();
  await expect(page).toHaveURL(/label=team/);
  await expect(page.getByRole('link', { name: 'after-it' })).toBeVisible();
  await client.stopRun(metadata.id);
});

test('rows that come in do not move what is being read; paging reaches the end', async ({ page, stack }) => {
  const { client } = stack.berth;
  // Nothing fits these: they stay queued, and cost no container.
  const made = [];
  for (let index = 0; index < 120; index++) {
    made.push(
      await client.createRun({ image: 'busybox', resources: { memory: '900Ti' } }, { name: `page-${index}`, labels: { paged: 'yes' } }),
    );
  }
  await page.goto(at(stack, '/runs?label=paged'));
  await isLive(page);
  const list = page.getByRole('list', { name: 'Runs' });
  await expect(list.getByRole('link', { name: 'page-119', exact: true })).toBeVisible();
  await list.hover();
  await page.mouse.wheel(0, 400);
  // Chromium scrolls smoothly: what is measured before it has arrived is on its way.
  await expect.poll(() => list.evaluate((rows) => rows.parentElement?.scrollTop)).toBe(400);
  const read = list.getByRole('link', { name: (await list.locator('[data-row-link]').nth(14).textContent()) ?? '', exact: true });
  const before = await read.boundingBox();
  await client.createRun({ image: 'busybox', resources: { memory: '900Ti' } }, { name: 'page-new', labels: { paged: 'yes' } });
  await expect(page.getByRole('button', { name: '1 new' })).toBeVisible();
  expect(await read.boundingBox()).toEqual(before);
  await page.getByRole('button', { name: '1 new' }).click();
  await expect(list.getByRole('link', { name: 'page-new' })).toBeVisible();

  await expect(async () => {
    await list.hover();
    await page.mouse.wheel(0, 4000);
    await expect(list.getByRole('link', { name: 'page-0', exact: true })).toBeVisible({ timeout: 500 });
  }).toPass();
  await Promise.all(made.map((run) => client.stopRun(run.metadata.id)));
});
