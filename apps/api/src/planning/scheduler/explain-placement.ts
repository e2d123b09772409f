/** The record of a decision: the reasons for and against the hosts, a few of them in full. */
import type { HostVerdict, Placement } from '@berth/shared/model/placement';
import type { Demand, HostLedger } from './model.ts';
import { fits } from './rules.ts';

/** Sentences are the dearest part of a plan, and each is stored with every attempt: of many hosts only these are told. */
export const RUNNERS_UP = 4;
const REFUSED_TOLD = 5;

export function explainPlacement(
  demand: Demand,
  chosen: HostLedger,
  runnersUp: readonly HostLedger[],
  all: readonly HostLedger[],
): Placement {
  const verdicts = [chosen, ...runnersUp].map((ledger) => acceptance(demand, ledger));
  let refused = 0;
  // Where the runners-up are fewer than were asked for, no other host fits: the rest has refused.
  if (runnersUp.length < RUNNERS_UP) {
    const told = new Set([chosen, ...runnersUp]);
    for (const ledger of all) {
      if (refused === REFUSED_TOLD) break;
      if (told.has(ledger)) continue;
      verdicts.push(refusalOf(demand, ledger));
      refused++;
    }
  } else {
    for (const ledger of all.slice(0, 4 * REFUSED_TOLD)) {
      if (refused === REFUSED_TOLD) break;
      if (fits(demand, ledger)) continue;
      verdicts.push(refusalOf(demand, ledger));
      refused++;
    }
  }
  const why = chosen.images.has(demand.image) ? 'has the image; ' : '';
  const of = all.length === 1 ? 'the only host' : runnersUp.length === 0 ? 'the only host that fits' : `best of ${all.length} hosts`;
  return { message: `${chosen.host.name}: ${why}${of}`, hosts: verdicts, considered: all.length };
}

export const verdictOf = (demand: Demand, ledger: HostLedger): HostVerdict =>
  fits(demand, ledger) ? acceptance(demand, ledger) : refusalOf(demand, ledger);

function acceptance(demand: Demand, ledger: HostLedger): HostVerdict {
  const scores = demand.scores.map((score) => ({
    score: score.name,
    value: Math.round(score.most * score.share(demand, ledger)),
    most: score.most,
    message: score.message(demand, ledger),
  }));
  return {
    hostId: ledger.host.id,
    hostName: ledger.host.name,
    fits: true,
    refusals: [],
    scores,
    total: scores.reduce((sum, { value }) => sum + value, 0),
  };
}

function refusalOf(demand: Demand, ledger: HostLedger): HostVerdict {
  const refusals = demand.filters
    .filter((filter) => !filter.fits(demand, ledger))
    .map((filter) => ({ filter: filter.name, message: filter.refuse(demand, ledger).message }));
  return { hostId: ledger.host.id, hostName: ledger.host.name, fits: false, refusals, scores: [], total: 0 };
}
