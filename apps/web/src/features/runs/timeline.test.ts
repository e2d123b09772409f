import type { Run } from '@berth/shared/model/run';
import { describe, expect, it } from 'vitest';
import { aRun } from './a-run.test-data.ts';
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
});
