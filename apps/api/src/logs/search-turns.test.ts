import { BerthError, type Problem, toProblem } from '@berth/shared/errors/problem';
import { expect, it } from 'vitest';
import { sendProblem } from '../http/problem.filter.ts';
import { SearchTurns } from './search-turns.ts';

/** A reply as it goes out. */
function answered(problem: Problem) {
  const reply = { sent: false, status: 0, headers: new Map<string, string>(), body: '' };
  sendProblem(
    {
      sent: false,
      header: (name, value) => reply.headers.set(name, value),
      code: (status) => {
        reply.status = status;
      },
      send: (payload) => {
        reply.body = payload;
      },
    },
    problem,
  );
  return reply;
}

it('more searches than there are turns wait in their order, and more than may wait are refused and told when to come again', async () => {
  const turns = new SearchTurns();
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const searches = Array.from({ length: 36 }, (_, number) =>
    turns.take(() => {
      begun.push(number);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  expect(begun).toEqual([0, 1, 2, 3]);
  const refused = await turns.take(async () => 'let in').catch((error: unknown) => error);
  if (!(refused instanceof BerthError)) throw new Error(`it was not refused: ${String(refused)}`);
  const { status, headers, body } = answered(toProblem(refused));
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  expect(JSON.parse(body)).toMatchObject({ code: 'unavailable', detail: 'Too many searches wait already: try again in a moment.' });
  for (let number = 0; number < 36; number++) {
    ends[number]?.();
    await searches[number];
  }
  expect(begun).toEqual(Array.from({ length: 36 }, (_, number) => number));
  // All turns are free again.
  expect(await turns.take(async () => 'let in')).toBe('let in');
});

it('a search that fails hands its turn on', async () => {
  const turns = new SearchTurns();
  const failing = Array.from({ length: 8 }, () => turns.take(() => Promise.reject(new Error('it fails'))));
  expect((await Promise.allSettled(failing)).every(({ status }) => status === 'rejected')).toBe(true);
  expect(await turns.take(async () => 'let in')).toBe('let in');
});
