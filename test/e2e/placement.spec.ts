import { at, expect, isLive, test } from './support/test.ts';

test('a run is asked for with a place and a turn, and says what would make it placeable', async ({ page, stack }) => {
  await page.goto(at(stack, '/runs/new'));
  await page.getByLabel('Image').fill('hello-world');
  await page.getByText('Placement, priority and turns').click();
  await page.getByRole('button', { name: 'Add a constraint' }).click();
  await page.getByLabel('Label of constraint 1').fill('gpu');
  await page.getByLabel('Operator of constraint 1').selectOption('exists');
  await expect(page.getByLabel('Values of constraint 1')).toBeDisabled();
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('Labels of the runs of rule 1').fill('app=web');
  await page.getByLabel('Priority').fill('5000');
  await page.getByLabel('Concurrency key').fill('deploy');
  await page.getByLabel('Runs at once').fill('1');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByLabel('Priority')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Priority').fill('5');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const waits = page.getByRole('region', { name: 'What it waits for' });
  await expect(waits).toContainText('no host fits: web-1 has no label gpu');
  await expect(waits).toContainText('web-1 comes closest: it has no label gpu.');
  await isLive(page);
  await page.getByRole('tab', { name: 'Placement' }).click();
  const row = page.getByRole('table', { name: 'Every host, now' }).getByRole('row').filter({ hasText: 'web-1' });
  await expect(row).toContainText('Does not fit');
  await expect(row).toContainText('constraints web-1 has no label gpu');
});

test('how a workspace places its runs is set, and what cannot be is said at its field', async ({ page, stack }) => {
  await page.goto(at(stack, '/settings'));
  const form = page.getByRole('form', { name: 'Placement' });
  await form.getByLabel('Runs at once').fill('0');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByLabel('Runs at once')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('Runs at once').fill('500');
  await form.getByLabel('Among the hosts that fit').selectOption('bin-pack');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The settings are saved.')).toBeVisible();
  await page.reload();
  await expect(form.getByLabel('Runs at once')).toHaveValue('500');
  await expect(form.getByLabel('Among the hosts that fit')).toHaveValue('bin-pack');
  const { client } = stack.berth;
  await client.send('PATCH', `${client.base}/settings`, { placement: { strategy: 'spread', mostAtOnce: null } });
});
