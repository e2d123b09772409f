import type { Run } from '@berth/shared/model/run';
import { describe, expect, it } from 'vitest';
import { anAttempt, aRun } from './a-run.test-data.ts';
import { partsOf } from './timeline.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 10, 23, 12, 0, 0) + ms).toISOString();
const run = (phase: Run['status']['phase'], phaseTimes: Run['status']['phaseTimes'], more: Partial<Run['status']> = {}): Run =>
  aRun({ createdAt: at(0) }, { phase, phaseTimes, ...more });

describe('the timeline', () => {
  it('gives each phase its time; being placed is the end of the queue', () => {
    const parts = partsOf(
      run(
        'exited',
        { queued: at(0), assigned: at(10), pulling: at(20), creating: at(120), starting: at(130), running: at(400), exited: at(700) },
        { startedAt: at(300), finishedAt: at(310) },
      ),
    );
    expect(parts.map(({ phase, from, to }) => [phase, (to ?? Number.NaN) - from])).toEqual([
      ['queued', 20],
      ['pulling', 100],
      ['creating', 10],
      ['starting', 170],
      ['running', 10],
    ]);
  });

  it('leaves the present part open', () => {
    expect(partsOf(run('pulling', { queued: at(0), pulling: at(5) })).map((part) => part.to === null)).toEqual([false, true]);
  });

  it('knows no negative time where two clocks disagree', () => {
    const parts = partsOf(run('failed', { queued: at(100), pulling: at(50), failed: at(20) }, { finishedAt: at(20) }));
    expect(parts.every((part) => part.to !== null && part.to >= part.from)).toBe(true);
  });

  it('of a run that was cancelled in the queue is the queue', () => {
    expect(partsOf(run('cancelled', { queued: at(0), cancelled: at(40) }, { finishedAt: at(40) }))).toHaveLength(1);
  });

  it('tells the lives behind a container that was started again as one part, and then the present one', () => {
    const times = { queued: at(0), assigned: at(5), pulling: at(10), creating: at(20), restarting: at(900) };
    const exits = [500, 50].map((start, index) => ({ number: 2 - index, startedAt: at(start), finishedAt: at(start + 100) }));
    const exit = { reason: 'non-zero-exit', message: '', exitCode: 1, signal: null, oomKilled: false } as const;
    const attempts = [anAttempt({ exits: exits.map((one) => ({ ...exit, ...one })) })];
    const lengths = (status: Run) => partsOf(status).map(({ phase, from, to, lives }) => [phase, to === null ? null : to - from, lives]);
    const before = [
      ['queued', 10, undefined],
      ['pulling', 10, undefined],
      ['creating', 30, undefined],
      ['running', 850, 2],
    ];
    const waiting = run('restarting', { ...times, starting: at(480), running: at(500) }, { restarts: 2, startedAt: at(500), attempts });
    expect(lengths(waiting)).toEqual([...before, ['restarting', null, undefined]]);
    const running = run('running', { ...times, starting: at(1000), running: at(1010) }, { restarts: 2, startedAt: at(1005), attempts });
    expect(lengths(running)).toEqual([...before, ['restarting', 100, undefined], ['starting', 5, undefined], ['running', null, undefined]]);
    // The first of them are no longer kept: when it was started first is not known.
    const long = run('restarting', times, { restarts: 90, attempts });
    expect(lengths(long)).toEqual([before[0], before[1], ['running', 880, 90], ['restarting', null, undefined]]);
  });
});
