/** The moment that is looked at is one and the same in the log and in the charts. */
import { expect, openRun, shell, test } from './support/test.ts';

test('a time in a chart opens the log there, and the time of a selected line is marked in the charts', async ({ page, stack }) => {
  await openRun(page, stack, shell('i=1; while true; do echo "tick $i"; i=$((i+1)); usleep 200000; done'));
  await expect(page.getByText(/^tick \d{2,}$/).first()).toBeAttached();
  await page.getByRole('tab', { name: 'Stats' }).click();
  await expect(page.getByText('Click in a chart for the log at that time.')).toBeVisible();
  const chart = page.getByRole('img', { name: /^Processor: / });
  await expect(chart.locator('canvas')).toBeVisible();
  await chart.locator('.u-over').click({ position: { x: 200, y: 60 } });
  await expect(page).toHaveURL(/[?&]time=\d{4}-/);
  const there = page.getByRole('button', { name: /^Log at \d\d:\d\d:\d\d$/ });
  await expect(there).toBeVisible();
  // The chart of so young a run may have been pointed at beside its output: a time at which it is known to have written.
  const { status } = await stack.berth.client.getRun(/run_[0-9a-z]+/.exec(page.url())?.[0] ?? '');
  const time = Date.parse(status.startedAt ?? '') + 1500;
  const address = new URL(page.url());
  address.searchParams.set('time', new Date(time).toISOString());
  await page.goto(address.href);
  await there.click();
  const marked = page.getByRole('region', { name: 'Output' }).locator('[aria-current]');
  await expect(marked).toContainText('tick');
  // The first line that was read then or later, as exact as pieces of output are.
  const at = Date.parse((await marked.locator('time').getAttribute('datetime')) ?? '');
  expect(Math.abs(at - time)).toBeLessThan(3000);
  await expect(page).toHaveURL(/[?&]at=\d+/);

  await page.getByRole('region', { name: 'Output' }).locator('[data-line] button').first().click();
  const line = new URL(page.url()).searchParams.get('time');
  await page.getByRole('tab', { name: 'Stats' }).click();
  await expect(page.locator('time[datetime]').filter({ hasText: /^\d\d:\d\d:\d\d\.\d{3}$/ })).toBeVisible();
  await page.getByRole('button', { name: 'Later moment' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('time')).not.toBe(line);
  await page.getByRole('button', { name: 'No moment' }).click();
  await expect(page).not.toHaveURL(/time=/);
});
