/** Tests with a stack and a browser that is signed in. */
import { type BrowserContext, test as base, expect, type Page, request } from '@playwright/test';
import type { RunSpecInput } from '../../support/client.ts';
import { type Stack, startStack } from './stack.ts';

type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>;

interface Workers {
  stack: Stack;
  signedIn: SignedIn;
}

export const test = base.extend<object, Workers>({
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from this pattern
    async ({}, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  signedIn: [
    async ({ stack }, use) => {
      const { email, password } = stack.berth.credentials;
      const context = await request.newContext({ baseURL: stack.url, extraHTTPHeaders: { origin: stack.url } });
      const answer = await context.post('/api/auth/sign-in/email', { data: { email, password } });
      expect(answer.status(), await answer.text()).toBe(200);
      await use(await context.storageState());
      await context.dispose();
    },
    { scope: 'worker' },
  ],
  storageState: ({ signedIn }, use) => use(signedIn),
  baseURL: ({ stack }, use) => use(stack.url),
});

export { expect };

/** The address of a page of the workspace. */
export function at(stack: Stack, path: string): string {
  return `/${stack.berth.credentials.workspace}${path}`;
}

export async function isLive(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: 'Connection: live' })).toBeVisible();
}

/** Asks the api for a run, as a script would, and opens its page. */
export async function openRun(page: Page, stack: Stack, spec: RunSpecInput): Promise<string> {
  const { metadata } = await stack.berth.client.createRun(spec);
  await page.goto(at(stack, `/runs/${metadata.id}`));
  return metadata.id;
}

export const shell = (script: string): RunSpecInput => ({ image: 'busybox', command: ['/bin/sh', '-c', script] });
