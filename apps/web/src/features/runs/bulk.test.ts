import { describe, expect, it } from 'vitest';
import { aRun } from './a-run.test-data.ts';
import { inTurns, planBulk, summaryOf } from './bulk.ts';

const running = aRun({ id: 'run_1', name: 'web' }, { phase: 'running' });
const ended = aRun({ id: 'run_2', name: 'old' }, { phase: 'exited', exitCode: 0 });

describe('an action on many runs', () => {
  it('is done to those it can be done to', () => {
    expect(planBulk('stop', [running, ended])).toEqual({ can: [running], reason: null });
    expect(planBulk('remove', [running, ended]).can).toEqual([ended]);
    expect(planBulk('again', [running, ended]).can).toEqual([running, ended]);
  });

  it('says why it can be done to none', () => {
    expect(planBulk('stop', [ended]).reason).toBe('It has ended already.');
    const stopping = aRun({}, { phase: 'stopping', desired: 'stop' });
    expect(planBulk('stop', [ended, stopping]).reason).toBe('None of them is in a state for it.');
  });

  it('calls for a few at a time, and one that fails does not keep the others from it', async () => {
    const runs = Array.from({ length: 10 }, (_, index) => aRun({ id: `run_${index}`, name: `n${index}` }));
    let [under, most] = [0, 0];
    const outcomes = await inTurns(runs, 3, async (run) => {
      most = Math.max(most, ++under);
      await Promise.resolve();
      under--;
      if (run.metadata.name === 'n4') throw new Error('The host is away.');
    });
    expect(most).toBe(3);
    expect(outcomes.map(({ name }) => name)).toEqual(runs.map((run) => run.metadata.name));
    expect(summaryOf('stop', outcomes)).toBe('9 runs asked to stop. 1 was not: n4: The host is away.');
  });
});
