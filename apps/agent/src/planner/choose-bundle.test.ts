import { describe, expect, it } from 'vitest';
import { type BundleChoice, chooseBundle, MOST_STARTS, NO_UPDATES, type UpdateState } from './choose-bundle.ts';

const installed = { file: '/lib/agent.mjs', sha256: 'old' };
const newer = { file: '/home/updates/agent-new.mjs', sha256: 'new', update: 'upd_1', version: '0.2.0', over: 'old' };
const chosen: UpdateState = { ...NO_UPDATES, chosen: { ...newer, starts: 0 } };

describe('the file that an agent runs from', () => {
  it('is the installed one where nothing came', () => {
    expect(chooseBundle(NO_UPDATES, installed, false)).toEqual({ run: 'own', state: NO_UPDATES });
  });

  it('is the one that came, once it has shown itself; its own process leaves it at that', () => {
    const { run, state } = chooseBundle(chosen, installed, true);
    expect({ run, starts: state.chosen?.starts }).toEqual({ run: 'chosen', starts: 1 });
    expect(chooseBundle(state, newer, true)).toEqual({ run: 'own', state });
  });

  it('is the installed one again when somebody installed another by hand', () => {
    expect(chooseBundle(chosen, { ...installed, sha256: 'by hand' }, true)).toEqual({ run: 'own', state: NO_UPDATES });
  });

  it('is the installed one where the file of the other is damaged, and that is said', () => {
    expect(chooseBundle(chosen, installed, false)).toMatchObject({
      run: 'own',
      state: { chosen: null, outcome: { id: 'upd_1', state: 'failed', message: expect.stringContaining('is not what it was') } },
    });
  });

  it('is the installed one where the other starts again and again and never reaches the api', () => {
    let choice: BundleChoice = { run: 'chosen', state: chosen };
    for (let start = 0; start < MOST_STARTS; start++) {
      choice = chooseBundle(choice.state, installed, true);
      expect(choice.run).toBe('chosen');
    }
    expect(chooseBundle(choice.state, installed, true)).toMatchObject({
      run: 'own',
      state: { chosen: null, outcome: { state: 'failed', message: expect.stringContaining('did not reach the api') } },
    });
  });

  it('stays what it was where a trial was cut off, and that is said', () => {
    const tried: UpdateState = { ...chosen, trial: { ...newer, file: '/home/updates/agent-newest.mjs', update: 'upd_2', pid: 7 } };
    expect(chooseBundle(tried, newer, true)).toMatchObject({
      run: 'own',
      state: { chosen: { update: 'upd_1' }, trial: null, outcome: { id: 'upd_2', state: 'failed' } },
    });
  });
});
