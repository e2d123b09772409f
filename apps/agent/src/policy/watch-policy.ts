/** Looks at the policy file now and then: what it allows now is told to the api, so that runs are placed by it. */
import type { PolicyFile } from './policy-file.ts';

const LOOK_MS = 2000;

export function watchPolicy(file: PolicyFile, changed: (fault: string | null) => void): { close(): void } {
  let before = JSON.stringify(file.now());
  const timer = setInterval(() => {
    const now = file.now();
    const text = JSON.stringify(now);
    if (text === before) return;
    before = text;
    changed(now.fault);
  }, LOOK_MS).unref();
  return { close: () => clearInterval(timer) };
}
