import { expect, it } from 'vitest';
import { type ArraySituation, arrayState } from './array-state.ts';

const NONE = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, lost: 0, deleted: 0 };
const state = (counts: Partial<ArraySituation['counts']>, rest: Partial<ArraySituation> = {}) => {
  const all = { ...NONE, ...counts };
  const total = Object.values(all).reduce((sum, one) => sum + one, 0);
  return arrayState({ total, counts: all, cancelledBy: null, parallelism: undefined, ...rest });
};

it('a run array says how far it is', () => {
  expect(state({ queued: 58, running: 5, succeeded: 35, failed: 2 }, { parallelism: 5 })).toEqual({
    state: 'running',
    message: '37 of 100 have ended (35 succeeded, 2 failed); 5 run, 58 wait, at most 5 at once',
  });
  expect(state({ queued: 1 })).toEqual({ state: 'running', message: '0 of 1 have ended; 1 waits' });
  expect(state({ succeeded: 3 })).toEqual({ state: 'succeeded', message: 'all 3 have ended: 3 succeeded' });
  expect(state({ succeeded: 2, lost: 1 })).toMatchObject({ state: 'failed' });
  expect(state({ cancelled: 2, running: 1 }, { cancelledBy: 'token:ci' })).toEqual({
    state: 'cancelling',
    message: 'the token ci cancelled it: 2 of 3 have ended (2 cancelled); 1 runs',
  });
  expect(state({ cancelled: 2 }, { cancelledBy: 'token:ci' })).toEqual({
    state: 'cancelled',
    message: 'cancelled by the token ci: all 2 have ended: 2 cancelled',
  });
});
