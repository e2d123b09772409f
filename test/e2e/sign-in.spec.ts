import { at, expect, isLive, test } from './support/test.ts';

test.use({ storageState: { cookies: [], origins: [] } });

test('a stranger is asked to sign in, and is then where they wanted to go', async ({ page, stack }) => {
  await page.goto(at(stack, '/hosts'));
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('Email').fill(stack.berth.credentials.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The email or the password is wrong.' })).toBeVisible();

  await page.getByLabel('Password').fill(stack.berth.credentials.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(new RegExp(`${at(stack, '/hosts')}$`));
  await isLive(page);

  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('menuitem', { name: /Sign out/ }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto(at(stack, '/runs'));
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test('a link cannot lead away from the console through the sign-in', async ({ page, stack }) => {
  await page.goto('/sign-in?next=//example.com');
  await page.getByLabel('Email').fill(stack.berth.credentials.email);
  await page.getByLabel('Password').fill(stack.berth.credentials.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(new RegExp(`${at(stack, '/runs')}$`));
});
