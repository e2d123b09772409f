/** Prefers the least loaded: half by the scarcer of reserved cores and memory, half by the number of runs. */
import type { Score } from '../model.ts';
import { loadText, reservedShare } from './reserved-share.ts';

/** So many runs on a host halve its score for their number. */
const HALF_AT_RUNS = 16;

export const spreadScore: Score = {
  concerns: ({ strategy }) => strategy === 'spread',
  most: 100,
  share: (_demand, ledger) => (1 - reservedShare(ledger)) / 2 + HALF_AT_RUNS / (HALF_AT_RUNS + ledger.runs) / 2,
  message: (_demand, ledger) => loadText(ledger),
};
