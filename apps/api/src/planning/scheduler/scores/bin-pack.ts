/**
 * Prefers the fullest host that still has room, so that whole hosts stay free for what is large. Only what is reserved counts: runs that
 * reserve nothing all go to one host, the one with the lowest id among equals.
 */
import type { Score } from '../model.ts';
import { loadText, reservedShare } from './reserved-share.ts';

export const binPackScore: Score = {
  concerns: ({ strategy }) => strategy === 'bin-pack',
  most: 100,
  share: (_demand, ledger) => reservedShare(ledger),
  message: (_demand, ledger) => loadText(ledger),
};
