/** Prefers hosts that have not failed lately to pull from the registry. It outweighs the rest; where all have failed, one is tried. */
import type { HostLedger, Needs, Score } from '../model.ts';

export const troubleOf = ({ registry, image }: Needs, { trouble }: HostLedger): string | undefined =>
  trouble.get(registry) ?? trouble.get(image);

export const registryReachScore: Score = {
  concerns: (needs, ledgers) => ledgers.some((ledger) => troubleOf(needs, ledger) !== undefined),
  most: 1000,
  share: (demand, ledger) => (troubleOf(demand, ledger) === undefined ? 1 : 0),
  message: (demand, ledger) => troubleOf(demand, ledger) ?? 'no pull from the registry has failed lately',
};
