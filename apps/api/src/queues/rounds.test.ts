import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rounds } from './rounds.ts';

const NO_REST = { times: 0, mostMs: 0 };

/** As a job does: one round after the other, each asked for when the one before is done. */
async function work(rounds: Rounds, workspaceId: string, count: number, done: string[], busy: Set<string>): Promise<void> {
  for (let number = 0; number < count; number++) {
    await rounds.take(workspaceId, async () => {
      expect(busy).not.toContain(workspaceId);
      busy.add(workspaceId);
      await Promise.resolve();
      busy.delete(workspaceId);
      done.push(workspaceId);
    });
  }
}

test('a workspace waits for at most one round of each other one, however many rounds those have', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      async (counts, mostAtOnce) => {
        const rounds = new Rounds(mostAtOnce, NO_REST);
        const done: string[] = [];
        const busy = new Set<string>();
        await Promise.all(counts.map((count, n) => work(rounds, `w${n}`, count, done, busy)));
        expect(done).toHaveLength(counts.reduce((sum, count) => sum + count, 0));
        for (const [n, count] of counts.entries()) {
          const mine = done.flatMap((workspaceId, at) => (workspaceId === `w${n}` ? [at] : []));
          for (let number = 1; number < count; number++) {
            const between = done.slice((mine[number - 1] ?? 0) + 1, mine[number]);
            for (const other of new Set(between)) {
              // One more each for those that were under way already.
              expect(between.filter((workspaceId) => workspaceId === other).length).toBeLessThanOrEqual(2);
            }
          }
        }
      },
    ),
  );
});

test('a workspace rests after a round, and no other one waits for that', async () => {
  const rounds = new Rounds(1, { times: 1_000_000, mostMs: 50 });
  const take = (workspaceId: string) => rounds.take(workspaceId, async () => performance.now());
  const first = await take('a');
  const [next, other] = await Promise.all([take('a'), take('b')]);
  expect(other).toBeLessThan(next);
  // Timers may be a moment early.
  expect(next - first).toBeGreaterThan(45);
});

test('a round that fails is over', async () => {
  const rounds = new Rounds(1, NO_REST);
  await expect(rounds.take('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await rounds.take('a', async () => 'next')).toBe('next');
});
