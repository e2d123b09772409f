import { pushBusybox } from '../support/images.ts';
import { startSlowRegistry } from '../support/slow-registry.ts';
import { expect, openRun, test } from './support/test.ts';

test('while it pulls every layer has its bar, also after a reload; afterwards one line unfolds into the lines of docker run', async ({
  page,
  stack,
}) => {
  await pushBusybox(stack.mirror, 'library/layered', 'one', { layers: [2_000_000, 6_000_000] });
  const slow = await startSlowRegistry(stack.mirror);
  try {
    slow.close();
    const id = await openRun(page, stack, { image: `${slow.server}/library/layered:one`, command: ['/bin/sh', '-c', 'echo pulled'] });
    const pull = page.getByRole('region', { name: 'Pull' });
    await expect(pull.getByRole('listitem')).toHaveCount(3);
    await expect(pull.getByText('Downloading').first()).toBeVisible();
    await expect(pull.getByText(/ of 5\.7 MiB/)).toBeVisible();
    await expect(pull.getByText(/^\d of 3 layers, /)).toBeVisible();
    await expect(page.getByRole('region', { name: 'What it waits for' })).toContainText('Pulling for');
    await page.reload();
    await expect(pull.getByRole('listitem')).toHaveCount(3);
    await expect(pull.getByText('Downloading').first()).toBeVisible();

    slow.open();
    await expect(page.getByText('pulled', { exact: true })).toBeVisible();
    await page.locator('summary', { hasText: 'Downloaded newer image' }).click();
    const lines = page.getByRole('region', { name: 'What docker run prints for this pull' });
    await expect(lines).toContainText('one: Pulling from library/layered');
    await expect(lines.getByText(/Pull complete/)).toBeVisible();
    const { base, send } = stack.berth.client;
    const text = await send('GET', `${base}/runs/${id}/pull`, undefined, { accept: 'text/plain' });
    expect(text.text).toBe(`${await lines.locator('pre').textContent()}\n`);
    expect(text.text).toMatch(
      /^Unable to find image '.*' locally\none: Pulling from library\/layered\n(?:[0-9a-f]{12}: (?:Pull complete|Already exists)\n){3}Digest: sha256:[0-9a-f]{64}\nStatus: Downloaded newer image for /,
    );
    await expect(page.getByRole('button', { name: 'Copy the lines of the pull' })).toBeVisible();
  } finally {
    slow.open();
    await slow.stop();
  }
});
