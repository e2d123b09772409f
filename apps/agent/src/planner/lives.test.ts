import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterEnd, afterRefusedStart, type EndedLife, FIRST_LIFE, mayFollow, pauseBefore, startsInRecord } from './lives.ts';

const START = 1_000_000;
const ended = (change: Partial<EndedLife> = {}, exitCode = 3, ranMs = 5000): EndedLife => ({
  container: {
    attemptId: 'a',
    containerId: 'c',
    state: 'ended',
    createdAt: START,
    startedAt: START,
    finishedAt: START + ranMs,
    exitCode,
    oomKilled: false,
    engineMessage: '',
  },
  spec: { image: 'x', restart: { policy: 'on-failure', maxRetries: 2 } },
  lives: FIRST_LIFE,
  cause: null,
  desired: 'run',
  listened: true,
  restartRequests: 0,
  now: START + ranMs,
  chance: 0.5,
  ...change,
});

describe('what follows an end', () => {
  it('is another life after a failure, said with its number and its pause', () => {
    const after = afterEnd(ended());
    expect(after).toMatchObject({ restart: true, message: 'exited 3; restart 1 of 2 in 1 s' });
    if (!after.restart) return;
    expect(after.lives).toMatchObject({ restarts: 1, endedAt: START + 5000, restartAt: START + 6000, streak: 1 });
    expect(after.lives.exits).toMatchObject([{ number: 1, exitCode: 3, reason: 'non-zero-exit' }]);
  });

  it('is the end once it was tried often enough, and not where good minutes lay between', () => {
    const lives = { ...FIRST_LIFE, restarts: 2, streak: 2 };
    expect(afterEnd(ended({ lives }))).toMatchObject({
      restart: false,
      conclusion: { phase: 'exited', exitCode: 3, message: 'exited 3; not started again: 2 restarts did not help' },
    });
    expect(afterEnd(ended({ lives }, 3, 600_000))).toMatchObject({ restart: true, lives: { restarts: 3, streak: 1 } });
  });

  it.each<[string, Partial<EndedLife>, number]>([
    ['it succeeded', {}, 0],
    ['it has no policy', { spec: { image: 'x' } }, 3],
    ['its policy is never', { spec: { image: 'x', restart: { policy: 'never' } } }, 3],
    ['a stop was asked for', { desired: 'stop', cause: 'stop-requested' }, 143],
    ['a kill was asked for', { desired: 'kill', cause: 'kill-requested' }, 137],
    ['a stop was asked for while it was stopped for a restart', { desired: 'stop', cause: 'restart-requested', restartRequests: 1 }, 143],
    ['its time was up', { cause: 'timed-out', spec: { image: 'x', timeoutSeconds: 5, restart: { policy: 'always' } } }, 143],
    ['it is no longer assigned', { cause: 'unassigned', spec: { image: 'x', restart: { policy: 'always' } } }, 143],
  ])('is the end where %s', (_, change, exitCode) => {
    expect(afterEnd(ended(change, exitCode)).restart).toBe(false);
  });

  it('is another life at once where that was asked for, whatever the policy, and its requests are met by it', () => {
    for (const cause of ['restart-requested', null] as const) {
      const after = afterEnd(ended({ spec: { image: 'x' }, cause, restartRequests: 2 }, 143));
      expect(after).toMatchObject({ restart: true, lives: { restarts: 1, requestsMet: 2, restartAt: START + 5000, streak: 0 } });
    }
  });

  it('is a stop, said as one, where it was asked for meanwhile', () => {
    const after = afterEnd(ended({ desired: 'stop', cause: 'restart-requested', restartRequests: 1, listened: false }, 143));
    expect(after.conclusion).toMatchObject({ reason: 'stopped' });
  });
});

it('the pause doubles from a second to five minutes, a tenth more or less', () => {
  expect([0, 1, 2, 8, 9, 100].map((streak) => pauseBefore(streak, 0.5))).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (streak, chance) => {
      const pause = pauseBefore(streak, chance);
      expect(pause).toBeGreaterThanOrEqual(900);
      expect(pause).toBeLessThanOrEqual(300_000);
    }),
  );
});

describe('where lives begin in the record of the engine', () => {
  const begun = { at: START + 99_000, stdout: 10, stderr: 0 };
  const lives = {
    ...FIRST_LIFE,
    restarts: 1,
    endedAt: START - 1000,
    restartAt: START - 100,
    starts: [{ ...begun, at: 5, stdout: 3 }, begun],
  };

  it('is for the present one between the end before it and its start, by the times of the engine, whatever the clock of the agent said', () => {
    expect(startsInRecord(ended().container, lives)).toEqual([lives.starts[0], { ...begun, at: START - 500 }]);
  });

  it('is as it was written down where the next one has not begun, or the engine does not know', () => {
    const { container } = ended();
    expect(startsInRecord(container, { ...lives, endedAt: container.finishedAt })).toBe(lives.starts);
    expect(startsInRecord(null, lives)).toBe(lives.starts);
    expect(startsInRecord(container, { ...lives, endedAt: START + 1 })).toBe(lives.starts);
  });
});

describe('what follows a start that the engine refuses between two lives', () => {
  const refused = (policy: 'never' | 'on-failure' | 'always', streak = 1, maxRetries?: number) =>
    afterRefusedStart({
      container: ended().container,
      spec: { image: 'x', restart: { policy, ...(maxRetries !== undefined && { maxRetries }) } },
      lives: { ...FIRST_LIFE, restarts: 1, streak, endedAt: START + 5000, restartAt: START + 6000 },
      failure: { kind: 'cannot-ever', reason: 'host-port-taken', message: 'address already in use' },
      message: 'could not be started: address already in use',
      now: START + 6000,
      chance: 0.5,
    });

  it('is another start after a longer pause, kept as an end with the code that docker has for it', () => {
    const next = refused('always');
    expect(next).toMatchObject({ message: 'could not be started: address already in use; restart 2 in 2 s', exitCode: 125 });
    expect(next?.lives).toMatchObject({ restarts: 2, streak: 2, restartAt: START + 8000, endedAt: START + 5000 });
    expect(next?.lives.exits).toMatchObject([{ number: 2, reason: 'host-port-taken', exitCode: 125, startedAt: null }]);
  });

  it('is the end where its policy asks for no more', () => {
    expect(refused('on-failure', 2, 2)).toBeNull();
    expect(refused('never')).toBeNull();
  });
});

describe('what was seen of a container', () => {
  const { container: first } = ended();
  const running = (startedAt: number) => ({ ...first, state: 'running' as const, startedAt, finishedAt: null });
  /** Its first end is reckoned with. */
  const between = { ...FIRST_LIFE, restarts: 1, endedAt: first.finishedAt, restartAt: START + 6000 };

  it('comes after what is known where its state moves forward, and an older look does not', () => {
    const created = { ...first, state: 'created' as const, startedAt: null, finishedAt: null };
    expect(mayFollow(created, running(START), FIRST_LIFE)).toBe(true);
    expect(mayFollow(running(START), first, FIRST_LIFE)).toBe(true);
    expect(mayFollow(first, running(START), FIRST_LIFE)).toBe(false);
    expect(mayFollow(running(START), created, FIRST_LIFE)).toBe(false);
    expect(mayFollow(first, { ...created, containerId: 'another' }, FIRST_LIFE)).toBe(true);
  });

  it('is another life after an end that is reckoned with, also where the clock was set back by an hour between them', () => {
    expect(mayFollow(first, running(START + 6000), between)).toBe(true);
    expect(mayFollow(first, running(START - 3_600_000), between)).toBe(true);
    expect(mayFollow(first, running(START), between)).toBe(false);
    expect(mayFollow(first, running(START - 3_600_000), FIRST_LIFE)).toBe(false);
  });

  it('is the end of the life before, and no news, while the next one runs', () => {
    expect(mayFollow(running(START - 3_600_000), first, between)).toBe(false);
    expect(mayFollow(running(START - 3_600_000), { ...first, finishedAt: START - 3_590_000 }, between)).toBe(true);
  });
});
