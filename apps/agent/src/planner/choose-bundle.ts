/**
 * PURE. Which file the agent runs from: the one that was installed, or a newer one that came from the api.
 *
 * Invariants:
 * - The installed one is never touched, so that there is always one to go back to.
 * - Whoever installs another one by hand has the last word: what was chosen beside the one before is dropped.
 * - What was chosen and starts again and again without ever reaching the api is given up.
 */
import type { BundleUpdate } from '@berth/shared/model/agent-bundle';

export interface BundleFile {
  file: string;
  /** In hex. */
  sha256: string;
}

/** A bundle that came with an update. */
interface ArrivedBundle extends BundleFile {
  /** Id of the update. */
  update: string;
  version: string;
  /** Sum of the installed one that it stands in for. */
  over: string;
}

export interface UpdateState {
  /** It has shown that it reaches the api. `starts`: how often it was started since it last did. */
  chosen: (ArrivedBundle & { starts: number }) | null;
  /** It is being tried; of no meaning once the process that tries it is gone. `pid`: of the one that is tried. */
  trial: (ArrivedBundle & { pid: number | null }) | null;
  /** How the last update ended. */
  outcome: BundleUpdate | null;
}

export const NO_UPDATES: UpdateState = { chosen: null, trial: null, outcome: null };

/** Starts without a word from the api after which a chosen bundle is given up. */
export const MOST_STARTS = 5;

export interface BundleChoice {
  run: 'own' | 'chosen';
  state: UpdateState;
}

/** At the start of a process. `own`: what runs now. `chosenIsWhole`: its file is there, with the sum that it had. */
export function chooseBundle(before: UpdateState, own: BundleFile, chosenIsWhole: boolean): BundleChoice {
  const state = before.trial === null ? before : cutOff(before, before.trial.update);
  const { chosen } = state;
  if (chosen === null || chosen.file === own.file) return { run: 'own', state };
  if (chosen.over !== own.sha256) return { run: 'own', state: { ...state, chosen: null } };
  if (!chosenIsWhole) return givenUp(state, chosen.update, `the file of version ${chosen.version} is not what it was`);
  if (chosen.starts >= MOST_STARTS) {
    return givenUp(state, chosen.update, `version ${chosen.version} was started ${MOST_STARTS} times and did not reach the api`);
  }
  return { run: 'chosen', state: { ...state, chosen: { ...chosen, starts: chosen.starts + 1 } } };
}

const cutOff = (state: UpdateState, id: string): UpdateState => ({
  ...state,
  trial: null,
  outcome: { id, state: 'failed', message: 'the agent was ended while the new version was tried; the one before goes on' },
});

const givenUp = (state: UpdateState, id: string, why: string): BundleChoice => ({
  run: 'own',
  state: { ...state, chosen: null, outcome: { id, state: 'failed', message: `${why}: the one that was installed goes on` } },
});
