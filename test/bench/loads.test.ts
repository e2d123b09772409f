import { expect, test } from 'vitest';
import { run } from '../../scripts/parts/command.ts';

// Vitest takes all of TypeScript; Node by itself, which runs these, only what can be left out.
test.each(['../bench/scenarios/index.ts', '../faults/campaign.ts'])('%s can be run by Node alone', async (path) => {
  const { href } = new URL(path, import.meta.url);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', `await import('${href}'); console.log('loaded')`]);
  expect(stdout).toBe('loaded\n');
});
