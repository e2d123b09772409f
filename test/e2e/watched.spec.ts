import { at, expect, openRun, test } from './support/test.ts';

const busy = 'echo up; while true; do i=$((i+1)); done';

test('a run that works is drawn second by second, in its charts and in the list, and its charts stay after its end', async ({
  page,
  stack,
}) => {
  const id = await openRun(page, stack, {
    image: 'busybox',
    command: ['/bin/sh', '-c', busy],
    resources: { cpu: '0.2', memory: '64Mi' },
    stopGracePeriodSeconds: 0,
  });
  await page.getByRole('tab', { name: 'Stats' }).click();
  const processor = page.getByRole('img', { name: /^Processor: 0\.\d+ cores, \d+(\.\d)? % of its limit, \d+(\.\d)? % of the host$/ });
  await expect(processor).toBeVisible();
  await expect(page.getByRole('img', { name: /^Memory: .* of its limit/ })).toBeVisible();
  await expect(page.getByRole('img')).toHaveCount(5);
  // It moves: a second later it says something else, without anything being read again.
  const first = await page
    .getByRole('figure')
    .filter({ hasText: 'Processor' })
    .getByText(/% of its limit/)
    .textContent();
  await expect(
    page
      .getByRole('figure')
      .filter({ hasText: 'Processor' })
      .getByText(/% of its limit/),
  ).not.toHaveText(first ?? '');

  await page.goto(at(stack, '/runs'));
  const row = page.getByRole('listitem').filter({ has: page.locator(`a[href*="${id}"]`) });
  await expect(row.getByText(/^\d+(\.\d)? %$/)).toBeVisible();

  await stack.berth.client.killRun(id);
  await stack.berth.client.waitRun(id);
  await page.goto(at(stack, `/runs/${id}?tab=stats`));
  await expect(page.getByRole('img', { name: /^Processor: at last 0\.\d+ cores/ })).toBeVisible();
});

test('a run that is started again says when, how often and how it ended before; a restart can be asked for', async ({ page, stack }) => {
  const id = await openRun(page, stack, {
    image: 'busybox',
    command: ['/bin/sh', '-c', 'echo life; [ -e /n ] && exec sleep 3600; touch /n; exit 3'],
    restart: { policy: 'on-failure' },
    stopGracePeriodSeconds: 0,
  });
  await expect(page.getByText(', started again once')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Running' }).first()).toBeVisible();
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(page.getByRole('list', { name: 'Events' }).getByText('Exit 1: exited 3; started again')).toBeVisible();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Restart' }).click();
  await expect(page.getByText(', started again 2 times')).toBeVisible();
  await stack.berth.client.killRun(id);
});

test('a terminal is typed into, survives a reload with what it showed, and ends with its shell', async ({ page, stack }) => {
  const id = await openRun(page, stack, { image: 'busybox', command: ['/bin/sh', '-c', 'exec sleep 3600'], stopGracePeriodSeconds: 0 });
  await page.getByRole('tab', { name: 'Terminal' }).click();
  await page.getByRole('button', { name: 'Open a terminal' }).click();
  const screen = page.getByRole('region', { name: 'Terminal 1' });
  await expect(screen.getByText('/ #').first()).toBeVisible();
  await page.keyboard.type('echo $((40+2))kept\n');
  await expect(screen.getByText('42kept').first()).toBeVisible();
  await page.reload();
  await expect(screen.getByText('42kept').first()).toBeVisible();
  await page.keyboard.press('Shift+F6');
  await expect(page.getByRole('button', { name: 'Another one' })).toBeFocused();
  await screen.click();
  await page.keyboard.type('exit 3\n');
  await expect(page.getByText('It has ended with exit code 3.')).toBeVisible();
  await page.getByRole('button', { name: 'Close terminal 1' }).click();
  await expect(page.getByText('A shell of the image, in the container that runs.')).toBeVisible();
  await stack.berth.client.killRun(id);
});

test('the main process of an interactive run is typed into from two pages, over a reload, and all is in its log', async ({
  page,
  stack,
}) => {
  const id = await openRun(page, stack, { image: 'busybox', command: ['/bin/sh'], tty: true, stdin: true, stopGracePeriodSeconds: 0 });
  await page.getByRole('tab', { name: 'Terminal' }).click();
  const screen = page.getByRole('region', { name: 'Main process' });
  await expect(screen.getByText('/ #').first()).toBeVisible();
  await page.keyboard.type('echo $((40+2))kept\n');
  await expect(screen.getByText('42kept').first()).toBeVisible();
  const other = await page.context().newPage();
  await other.goto(at(stack, `/runs/${id}?tab=terminal`));
  const otherScreen = other.getByRole('region', { name: 'Main process' });
  await expect(otherScreen.getByText('42kept').first()).toBeVisible();
  await otherScreen.click();
  await other.keyboard.type('echo $((50+1))shared\n');
  await expect(screen.getByText('51shared').first()).toBeVisible();
  await other.close();
  await page.reload();
  await expect(screen.getByText('51shared').first()).toBeVisible();
  await screen.click();
  await page.keyboard.press('Control+d');
  await expect(page.getByText('It has ended: this is all that it wrote.')).toBeVisible();
  expect(await stack.berth.client.logs(id)).toContain('42kept');
});

test('a run without a terminal is sent lines, and the end of its input', async ({ page, stack }) => {
  const id = await openRun(page, stack, { image: 'busybox', command: ['sort'], stdin: true, stdinOnce: true });
  await page.getByRole('tab', { name: 'Terminal' }).click();
  const line = page.getByLabel('Its standard input');
  for (const word of ['pear', 'apple']) {
    await line.fill(word);
    await line.press('Enter');
    await expect(line).toHaveValue('');
  }
  await line.press('Control+d');
  await expect(page.getByRole('region', { name: 'Output' })).toContainText(/apple[\s\S]*pear/);
  expect((await stack.berth.client.waitRun(id)).status.exitCode).toBe(0);
  expect(await stack.berth.client.logs(id)).toBe('apple\npear\n');
  await expect(page.getByRole('button', { name: 'Send' })).toHaveAttribute('aria-disabled', 'true');
});
