import { at, expect, test } from './support/test.ts';

test('registry credentials are added, listed without the password, and removed', async ({ page, stack }) => {
  await page.goto(at(stack, '/registries'));
  await page.getByRole('button', { name: 'Add credentials' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Registry').fill('https://ghcr.io');
  await dialog.getByLabel('User name').fill('robot');
  await dialog.getByLabel('Password or token').fill('s3cret-s3cret');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(dialog.getByText(/without "https:\/\/"/)).toBeVisible();
  await dialog.getByLabel('Registry').fill('ghcr.io');
  await dialog.getByRole('button', { name: 'Add' }).click();
  const row = page.getByRole('list', { name: 'Registries' }).getByRole('listitem').filter({ hasText: 'ghcr.io' });
  await expect(row).toContainText('as robot');
  expect(await page.content()).not.toContain('s3cret-s3cret');
  await row.getByRole('button', { name: /Remove/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
});

test('a token is shown once, works, and is refused once revoked', async ({ page, stack }) => {
  const url = `${stack.berth.url}/v1/workspaces/${stack.berth.credentials.workspace}/runs`;
  await page.goto(at(stack, '/tokens'));
  await page.getByRole('button', { name: 'Make a token' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('e2e');
  await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click();
  const token = (await page.getByRole('region', { name: 'the token' }).innerText()).trim();
  const status = async () => (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await status()).toBe(200);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const row = page.getByRole('list', { name: 'Tokens' }).getByRole('listitem').filter({ hasText: 'e2e' });
  await expect(row).toBeVisible();
  expect(await page.content()).not.toContain(token);
  await row.getByRole('button', { name: 'Revoke e2e' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toHaveCount(0);
  expect(await status()).toBe(401);
});

test('how long logs are kept is set, and what cannot be is said at its field', async ({ page, stack }) => {
  await page.goto(at(stack, '/settings'));
  const save = page.getByRole('form', { name: 'Logs' }).getByRole('button', { name: 'Save' });
  await page.getByLabel('Days').fill('0');
  await save.click();
  await expect(page.getByLabel('Days')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Days').fill('14');
  await page.getByLabel('Room').fill('2 GiB');
  await save.click();
  await expect(page.getByText('The settings are saved.')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Days')).toHaveValue('14');
  await expect(page.getByLabel('Room')).toHaveValue('2 GiB');
});

test('where runs are is ticked and kept', async ({ page, stack }) => {
  await page.goto(at(stack, '/settings'));
  const apart = page.getByRole('checkbox', { name: /^Runs are in the private network/ });
  await expect(apart).not.toBeChecked();
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
  await apart.check();
  await saved;
  await page.reload();
  await expect(apart).toBeChecked();
  // Clicked again before the first click is saved: what is shown is the last click, all the time.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/settings', async (route) => {
    if (route.request().method() === 'PATCH') await held;
    await route.continue();
  });
  for (const tick of [false, true, false]) await apart.setChecked(tick);
  const shown = await apart.evaluateHandle((box) => {
    const seen = new Set<boolean>();
    const look = () => {
      seen.add(box instanceof HTMLInputElement && box.checked);
      requestAnimationFrame(look);
    };
    look();
    return seen;
  });
  const settings = async () => (await stack.berth.client.send('GET', `${stack.berth.client.base}/settings`)).text;
  let answers = 0;
  page.on('response', (answer) => {
    if (answer.request().method() === 'PATCH') answers++;
  });
  release();
  await expect.poll(() => answers).toBe(3);
  await expect.poll(settings).toContain('"networks":{"runs":"engine"}');
  await expect(apart).not.toBeChecked();
  expect(await shown.evaluate((seen) => [...seen])).toEqual([false]);
  await expect(page.getByRole('checkbox', { name: /^Runs make volumes/ })).toBeChecked();
});
