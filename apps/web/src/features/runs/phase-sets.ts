/** Questions about a phase, without the validator that stands beside the table in the contracts (it would weigh on the first load). */
import type { Phase, TerminalPhase } from '@berth/shared/model/phase';

const ENDS: Record<TerminalPhase, true> = { exited: true, failed: true, cancelled: true, lost: true };

export function isEnd(phase: Phase): phase is TerminalPhase {
  return phase in ENDS;
}

/** In the order of a run's life; the compiler holds it to the contract. */
const ORDER: Record<Phase, number> = {
  queued: 0,
  assigned: 1,
  pulling: 2,
  creating: 3,
  starting: 4,
  running: 5,
  stopping: 6,
  exited: 7,
  failed: 8,
  cancelled: 9,
  lost: 10,
};
export const PHASES_IN_ORDER = (Object.keys(ORDER) as Phase[]).sort((a, b) => ORDER[a] - ORDER[b]);
