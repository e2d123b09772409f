import type { Page } from '@playwright/test';
import { at, expect, isLive, openRun, shell, test } from './support/test.ts';

/** Every line of the log panel in order, read as a person would: by scrolling from its beginning to its end. */
async function allLines(page: Page): Promise<string[]> {
  const output = page.getByRole('region', { name: 'Output' });
  return output.evaluate(async (element) => {
    const lines = new Map<number, string>();
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    element.scrollTop = 0;
    for (;;) {
      await frame();
      while (element.querySelector('[data-hole]')) await frame();
      for (const row of element.querySelectorAll<HTMLElement>('[data-line]')) {
        lines.set(Number(row.dataset.line), row.querySelector('span:last-child')?.textContent ?? '');
      }
      if (element.scrollTop + element.clientHeight >= element.scrollHeight - 1) break;
      element.scrollTop += element.clientHeight / 2;
    }
    return [...lines.entries()].sort(([a], [b]) => a - b).map(([, text]) => text);
  });
}

test('a browser that loses its connection in the middle of a log misses nothing and sees nothing twice', async ({ page, stack }) => {
  const count = 600;
  await openRun(page, stack, shell(`i=1; while [ $i -le ${count} ]; do echo "line $i €"; i=$((i+1)); usleep 20000; done`));
  await expect(page.getByText(/^line \d+ €$/).nth(9)).toBeAttached();
  stack.link.cut();
  await expect(page.getByRole('status', { name: /Connection: (reconnecting|stale)/ })).toBeVisible();
  await expect(page.getByRole('status', { name: /Connection: stale since \d\d:\d\d/ })).toBeVisible();
  stack.link.mend();
  await isLive(page);
  await expect(page.getByText(`line ${count} €`)).toBeAttached();
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  expect(await allLines(page)).toEqual(Array.from({ length: count }, (_, index) => `line ${index + 1} €`));
});

test('an offline browser says so at once, and resumes by itself', async ({ page, context, stack }) => {
  await openRun(page, stack, shell('for i in 1 2 3 4 5 6 7 8 9 10; do echo "tick $i"; sleep 0.5; done'));
  await expect(page.getByText('tick 2', { exact: true })).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByRole('status', { name: /Connection: (reconnecting|stale)/ })).toBeVisible();
  await context.setOffline(false);
  await isLive(page);
  await expect(page.getByText('tick 10', { exact: true })).toBeVisible();
  expect(await allLines(page)).toEqual(Array.from({ length: 10 }, (_, index) => `tick ${index + 1}`));
});

test('colours are text in spans, carriage returns overwrite, stderr can be told apart', async ({ page, stack }) => {
  const script = String.raw`printf '\033[31mred\033[0m <b>not html</b>\n'; printf '10%%\r20%%\r100%%\n'; echo oops >&2; printf '\033[32mgreen\nstill\033[0m\n'`;
  await openRun(page, stack, shell(script));
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  await expect(page.locator('.ansi-red-fg')).toHaveText('red');
  await expect(page.getByText('<b>not html</b>')).toBeVisible();
  await expect(page.getByText('100%', { exact: true })).toBeVisible();
  await expect(page.locator('.ansi-green-fg')).toHaveText(['green', 'still']);
  await page.getByLabel('Stream').selectOption('stderr');
  await expect(page).toHaveURL(/stream=stderr/);
  expect(await allLines(page)).toEqual(['oops']);
});

test('a reader who scrolled up is told how much is new, and the download holds every byte', async ({ page, stack }) => {
  const id = await openRun(page, stack, shell('i=1; while [ $i -le 200 ]; do echo "row $i"; i=$((i+1)); usleep 60000; done'));
  await expect(page.getByText(/^row \d{2,}$/).nth(20)).toBeAttached();
  await page.getByRole('region', { name: 'Output' }).hover();
  await page.mouse.wheel(0, -600);
  await expect(page.getByRole('button', { name: /new lines?$/ })).toBeVisible();
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  await page.getByRole('button', { name: /new lines?$/ }).click();
  await expect(page.getByText('row 200', { exact: true })).toBeVisible();

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the log' }).click()]);
  const stream = await download.createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  expect(Buffer.concat(chunks).toString()).toBe(await stack.berth.client.logs(id));
});

test('search finds what lies far from the end, and a link to a line survives a reload', async ({ page, stack }) => {
  const lines = `awk 'BEGIN { for (i = 1; i <= 100000; i++) print "request " i " took its ordinary time and was answered with what it asked for" }'`;
  await openRun(page, stack, shell(`echo "the Needle is here"; ${lines}; echo "and the last needle"`));
  await expect(page.getByText('Exited (0)').first()).toBeVisible();
  // Opened anew: a log of this length begins with its end.
  await page.reload();
  await expect(page.getByText('and the last needle', { exact: true })).toBeVisible();
  await expect(page.getByText('100,002 lines')).toBeVisible();
  const field = page.getByRole('searchbox', { name: 'Search the log' });
  await field.fill('needle');
  await expect(page.getByRole('status', { name: 'Found' })).toHaveText('2 lines');
  await field.press('Enter');
  await expect(page.getByRole('status', { name: 'Found' })).toHaveText('1 of 2');
  await expect(page.getByText('the Needle is here', { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/[?&]at=0/);
  await field.press('Enter');
  await expect(page.getByText('and the last needle', { exact: true })).toBeVisible();

  await field.fill('request 30000 ');
  await expect(page.getByRole('status', { name: 'Found' })).toHaveText('1 line');
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(page.getByRole('region', { name: 'Output' }).locator('[aria-current]')).toContainText('request 30000 took');
  await page.reload();
  await expect(page.getByRole('region', { name: 'Output' }).locator('[aria-current]')).toContainText('request 30000 took');
  await expect(page.getByText('request 30001 took').first()).toBeVisible();

  await field.fill('(');
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'RE2' })).toBeVisible();
  await page.getByRole('button', { name: 'follow' }).click();
  await expect(page.getByText('and the last needle', { exact: true })).toBeVisible();
});

test('a log of a million lines has one scroll bar over all of it: any place is a moment away, and what is read stays where it is', async ({
  page,
  stack,
}) => {
  test.setTimeout(240_000);
  const lines = `awk 'BEGIN { for (i = 1; i <= 1000000; i++) { print "request " i " was answered"; if (i % 1000 == 0) print "slow " i > "/dev/stderr" } }'`;
  const { metadata } = await stack.berth.client.createRun(shell(lines));
  await stack.berth.client.waitRun(metadata.id);
  await page.goto(at(stack, `/runs/${metadata.id}`));
  const output = page.getByRole('region', { name: 'Output' });
  const seen = output.locator('[data-line]');
  await expect(page.getByText('request 1000000 was answered', { exact: true })).toBeVisible();
  await expect(page.getByText('1,001,000 lines')).toBeVisible();

  // As somebody who drags the thumb to the middle.
  const middle = await output.evaluate((element) => {
    element.scrollTop = element.scrollHeight / 2;
    return element.scrollHeight;
  });
  expect(middle).toBeGreaterThan(10_000_000);
  await expect(output.getByText(/^request (49|50)\d{4} was answered$/).first()).toBeVisible();
  await expect(output.locator('[data-hole]')).toHaveCount(0);
  expect(await seen.count()).toBeLessThan(200);

  // By wheel, in whatever pieces a slow browser tells of it, and with what is read on the way: who goes back by as much is where they were.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 8 });
  const top = async (text: string) => (await output.getByText(text, { exact: true }).boundingBox())?.y;
  const text = (await seen.nth(20).locator('span:last-child').textContent()) ?? '';
  const before = await top(text);
  await output.hover();
  await page.mouse.wheel(0, -5000);
  await expect(output.getByText(text, { exact: true })).toBeHidden();
  for (const part of [3000, 1900, 100]) await page.mouse.wheel(0, part);
  await expect(output.getByText(text, { exact: true })).toBeVisible();
  // A browser scrolls by whole pixels.
  await expect.poll(async () => Math.abs(((await top(text)) ?? Number.NaN) - (before ?? Number.NaN))).toBeLessThanOrEqual(1);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });

  await output.focus();
  await page.keyboard.press('Home');
  await expect(page.getByText('request 1 was answered', { exact: true })).toBeVisible();
  await page.keyboard.press('PageDown');
  await expect(page.getByText('request 30 was answered', { exact: true })).toBeVisible();
  await page.keyboard.press('End');
  await expect(page.getByText('request 1000000 was answered', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'follow' })).toHaveAttribute('aria-pressed', 'true');
  // One key after the other, while a slow browser still scrolls for the one before: the last one counts.
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 8 });
  for (let times = 0; times < 5; times++) {
    for (const key of ['PageUp', 'Home', 'PageDown', 'PageDown', 'End']) await page.keyboard.press(key);
    await expect(page.getByText('request 1000000 was answered', { exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: 'follow' })).toHaveAttribute('aria-pressed', 'true');
    for (const key of ['PageUp', 'End', 'PageUp', 'Home']) await page.keyboard.press(key);
    await expect(page.getByText('request 1 was answered', { exact: true })).toBeVisible();
  }
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });

  // One stream of it, without the bytes of the other one.
  await page.getByLabel('Stream').selectOption('stderr');
  await page.keyboard.press('Home');
  await expect(page.getByText('slow 1000', { exact: true })).toBeVisible();
  expect(await allLines(page)).toEqual(Array.from({ length: 1000 }, (_, index) => `slow ${(index + 1) * 1000}`));
});

test('what is selected over many screens is copied with all that lies between, in sight or not', async ({ page, context, stack }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openRun(page, stack, shell(`awk 'BEGIN { for (i = 1; i <= 3000; i++) print "row " i }'`));
  await expect(page.getByText('row 3000', { exact: true })).toBeVisible();
  const output = page.getByRole('region', { name: 'Output' });
  await output.focus();
  await page.keyboard.press('Home');
  await expect(page.getByText('row 2', { exact: true })).toBeVisible();
  /** Puts an end of the selection into a row, behind so many letters. */
  const select = (text: string, letters: number, extend: boolean) =>
    page.getByText(text, { exact: true }).evaluate(
      (row, { letters: at, extend: further }) => {
        const node = row.firstChild;
        if (node && further) getSelection()?.extend(node, at);
        else if (node) getSelection()?.setBaseAndExtent(node, at, node, at + 1);
      },
      { letters, extend },
    );
  await select('row 2', 4, false);
  for (let screen = 0; screen < 6; screen++) {
    await output.evaluate((element) => {
      element.scrollTop += 400;
    });
    await expect(output.locator('[data-hole]')).toHaveCount(0);
  }
  await expect(page.getByText('row 120', { exact: true })).toBeVisible();
  await select('row 120', 5, true);
  await page.keyboard.press('Control+c');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split('\n')).toEqual(['2', ...Array.from({ length: 117 }, (_, index) => `row ${index + 3}`), 'row 1']);
});
