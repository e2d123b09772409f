import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const shared = fileURLToPath(new URL('./packages/shared/src', import.meta.url));

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    projects: [
      {
        // Contracts from their sources: a unit test needs no build.
        resolve: { alias: [{ find: /^@berth\/shared\/(.*)$/, replacement: `${shared}/$1.ts` }] },
        test: {
          name: 'unit',
          // Properties are tried on hundreds of values: on a machine that is busy with more than them too.
          testTimeout: 30_000,
          include: ['{apps,packages,scripts}/**/*.test.{ts,tsx}', 'test/{support,fakes,bench,faults}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/.next/**'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          // Every file has an api, agents and engines of its own: more at once only makes each of them slow.
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
