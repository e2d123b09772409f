/** The filters and scores of the scheduler. */
import { PLACEMENT_FILTERS, PLACEMENT_SCORES, type PlacementFilter, type PlacementScore } from '@berth/shared/model/placement';
import { affinityFilter } from './filters/affinity.ts';
import { agentVersionFilter } from './filters/agent-version.ts';
import { antiAffinityFilter } from './filters/anti-affinity.ts';
import { approvalFilter } from './filters/approval.ts';
import { constraintsFilter } from './filters/constraints.ts';
import { cordonFilter } from './filters/cordon.ts';
import { drainFilter } from './filters/drain.ts';
import { hostPortsFilter } from './filters/host-ports.ts';
import { platformFilter } from './filters/platform.ts';
import { policyFilter } from './filters/policy.ts';
import { readyFilter } from './filters/ready.ts';
import { resourcesFilter } from './filters/resources.ts';
import { volumesFilter } from './filters/volumes.ts';
import type { Demand, Filter, HostLedger, Named, Needs, Score } from './model.ts';
import { affinityScore } from './scores/affinity.ts';
import { antiAffinityScore } from './scores/anti-affinity.ts';
import { binPackScore } from './scores/bin-pack.ts';
import { imageLocalityScore } from './scores/image-locality.ts';
import { registryReachScore } from './scores/registry-reach.ts';
import { spreadScore } from './scores/spread.ts';
import { spreadOverScore } from './scores/spread-over.ts';

const FILTERS: Record<PlacementFilter, Filter> = {
  volumes: volumesFilter,
  ready: readyFilter,
  approval: approvalFilter,
  cordon: cordonFilter,
  drain: drainFilter,
  platform: platformFilter,
  'agent-version': agentVersionFilter,
  policy: policyFilter,
  constraints: constraintsFilter,
  resources: resourcesFilter,
  'host-ports': hostPortsFilter,
  affinity: affinityFilter,
  'anti-affinity': antiAffinityFilter,
};
const SCORES: Record<PlacementScore, Score> = {
  'registry-reach': registryReachScore,
  'spread-over': spreadOverScore,
  affinity: affinityScore,
  'anti-affinity': antiAffinityScore,
  spread: spreadScore,
  'bin-pack': binPackScore,
  'image-locality': imageLocalityScore,
};

const filters = PLACEMENT_FILTERS.map((name): Named<PlacementFilter, Filter> => ({ name, ...FILTERS[name] }));
const scores = PLACEMENT_SCORES.map((name): Named<PlacementScore, Score> => ({ name, ...SCORES[name] }));

/** What of all this concerns a demand: most ask for little, and are planned so much the faster. */
export const rulesFor = (needs: Needs, ledgers: readonly HostLedger[]): Pick<Demand, 'filters' | 'scores'> => ({
  filters: filters.filter((filter) => filter.concerns?.(needs) ?? true),
  scores: scores.filter((score) => score.concerns(needs, ledgers)),
});

export function fits(demand: Demand, ledger: HostLedger): boolean {
  for (const filter of demand.filters) if (!filter.fits(demand, ledger)) return false;
  return true;
}

/** The points of a host that fits, but for those of the spread over a label: places compete by these, hosts of one place do not. */
export function totalScore(demand: Demand, ledger: HostLedger): number {
  let sum = 0;
  for (const score of demand.scores) if (score.name !== 'spread-over') sum += score.most * score.share(demand, ledger);
  return sum;
}

export const spreadOverPoints = (demand: Demand, ledger: HostLedger): number =>
  spreadOverScore.most * spreadOverScore.share(demand, ledger);
