/** Run arrays in the console: many runs of one template, from the form of a run to their end. */
import type { Page } from '@playwright/test';
import { isReadable } from './support/accessible.ts';
import { at, expect, isLive, shell, test } from './support/test.ts';

const state = (page: Page, word: string) => page.getByRole('status').filter({ hasText: new RegExp(`^${word}$`) });
const parts = (page: Page) => page.getByRole('list', { name: 'How far it is' });

test('a container is run several times at once, with parameters, and what failed is found', async ({ page, stack }) => {
  test.setTimeout(180_000);
  await page.goto(at(stack, '/runs/new?image=busybox'));
  await isLive(page);
  await page.getByLabel('Arguments').fill(`sh -c 'echo in $\{{ parameters.TOWN }}; test "$CITY" != Bonn'`);
  await page.locator('summary', { hasText: 'Several at once' }).click();
  await page.getByLabel('Most at once').fill('1');
  await page.getByLabel('Parameters').fill('CITY=Ulm\nBonn');
  await expect(page.getByRole('region', { name: 'the curl line' })).toContainText('/run-arrays');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText(/^Line 2: “Bonn” is not NAME=value/)).toBeVisible();
  await expect(page.getByText('Is needed for several: all of them have it')).toBeVisible();
  await expect(page.getByText('2 fields need a change.')).toBeVisible();
  await page.getByLabel('Parameters').scrollIntoViewIfNeeded();
  await isReadable(page, 'form');
  await page.getByLabel('Name', { exact: true }).fill('cities');
  await page.getByLabel('Parameters').fill('CITY=Ulm\nCITY=Bonn\nCITY="Bad Honnef"');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  // What only the server knows is said at its field, too.
  await expect(page.getByText(/parameters\.TOWN.* names no parameter/)).toBeVisible();
  await expect(page.getByLabel('Arguments')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Arguments').fill(`sh -c 'echo in $\{{ parameters.CITY }}; test "$CITY" != Bonn'`);
  await page.getByRole('button', { name: 'Run', exact: true }).click();

  await expect(page).toHaveURL(/\/arrays\/arr_/);
  await expect(page.getByRole('heading', { name: 'cities' })).toBeVisible();
  await expect(page.getByText('1 at most')).toBeVisible();
  const runs = page.getByRole('list', { name: 'Runs' });
  await expect(runs.getByRole('link')).toHaveText(['cities 0', 'cities 1', 'cities 2']);
  await expect(state(page, 'Failed')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('All 3 have ended: 2 succeeded, 1 failed.')).toBeVisible();
  await expect(parts(page).getByRole('listitem')).toHaveText(['2 succeeded', '1 failed']);
  await expect(runs.getByRole('listitem').nth(1)).toContainText('Exited (1)');
  await isReadable(page, 'array');

  await page.getByRole('tab', { name: 'Parameters' }).click();
  await expect(page).toHaveURL(/tab=parameters/);
  await expect(page.getByRole('list', { name: 'Parameters' }).getByRole('listitem').nth(2)).toHaveText(/2\s*CITY=Bad Honnef/);
  await page.getByRole('tab', { name: 'First failures' }).click();
  await isReadable(page, 'failures');
  await page.getByRole('list', { name: 'First failures' }).getByRole('link').click();
  await expect(page).toHaveURL(/\/runs\/run_/);
  await expect(page.getByText('in Bonn')).toBeVisible();
  await page.getByRole('link', { name: 'the run array cities' }).click();
  await page.getByRole('link', { name: 'Run again with changes…' }).click();
  await expect(page.getByText('As cities, with your changes.')).toBeVisible();
  await expect(page.getByLabel('Most at once')).toHaveValue('1');
  await expect(page.getByLabel('Parameters')).toHaveValue("CITY=Ulm\nCITY=Bonn\n'CITY=Bad Honnef'");
  await page.getByLabel('Name', { exact: true }).fill('cities-again');
  await page.getByLabel('Parameters').fill("CITY=Ulm\n'CITY=Bad Honnef'");
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(state(page, 'Succeeded')).toBeVisible({ timeout: 60_000 });
  await expect(runs.getByRole('link')).toHaveText(['cities-again 0', 'cities-again 1']);
  const remove = async () => {
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  };
  await remove();
  await page.getByRole('link', { name: 'cities', exact: true }).click();
  await expect(page.getByText('All 3 have ended: 2 succeeded, 1 failed.')).toBeVisible();
  await remove();
  await expect(page.getByText('Nothing is run several times at once yet')).toBeVisible();
});

test('a run array is cancelled and deleted as a whole, and found in the list', async ({ page, stack }) => {
  test.setTimeout(180_000);
  const { client } = stack.berth;
  const template = { spec: { ...shell('trap "exit 0" TERM; while true; do sleep 0.1; done') } };
  const { metadata } = await client.createRunArray('goes-on', { count: 40, parallelism: 2, template });
  await page.goto(at(stack, `/arrays/${metadata.id}`));
  await isLive(page);
  await expect(parts(page).getByRole('listitem')).toHaveText(['2 running', '38 queued']);
  await expect(page.getByText('0 of 40 have ended; 2 run, 38 wait, at most 2 at once.')).toBeVisible();
  const remove = page.getByRole('button', { name: 'Delete' });
  await expect(remove).toHaveAccessibleDescription('Some of its runs have not ended: cancel it first.');
  await page.getByRole('tab', { name: 'Parameters' }).click();
  await expect(page.getByText(/Its runs differ by their number alone/)).toBeVisible();

  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByRole('heading', { name: 'Run arrays' })).toBeVisible();
  const row = page.getByRole('list', { name: 'Run arrays' }).getByRole('listitem').filter({ hasText: 'goes-on' });
  await expect(row).toContainText('0 of 40');
  await isReadable(page, 'list');
  await page.getByLabel('Name').fill('nothing-like-it');
  await expect(page.getByText('No run array has such a name.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await row.getByRole('link').click();

  await page.getByRole('button', { name: 'Cancel' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('38 that wait are cancelled, 2 that run are stopped.');
  await dialog.getByRole('button', { name: 'Cancel its runs' }).click();
  await expect(state(page, 'Cancelled')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveAccessibleDescription('All of its runs have ended.');
  await remove.click();
  await expect(dialog).toContainText('Its 40 runs are deleted with their logs and containers.');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('goes-on was deleted.')).toBeVisible();
  await expect(page).toHaveURL(/\/arrays$/);
  await expect(row).toHaveCount(0);
  await page.goto(at(stack, `/arrays/${metadata.id}`));
  await expect(page.getByText('There is no such run array here, or it was deleted.')).toBeVisible();
});
