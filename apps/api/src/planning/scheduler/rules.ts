/** The filters and scores of the scheduler. */
import { PLACEMENT_FILTERS, type PlacementFilter } from '@berth/shared/model/placement';
import { agentVersionFilter } from './filters/agent-version.ts';
import { constraintsFilter } from './filters/constraints.ts';
import { hostPortsFilter } from './filters/host-ports.ts';
import { platformFilter } from './filters/platform.ts';
import { readyFilter } from './filters/ready.ts';
import { resourcesFilter } from './filters/resources.ts';
import type { Demand, Filter, HostLedger } from './model.ts';
import { imageLocalityScore } from './scores/image-locality.ts';
import { spreadScore } from './scores/spread.ts';

const FILTERS: Record<PlacementFilter, Filter> = {
  ready: readyFilter,
  platform: platformFilter,
  'agent-version': agentVersionFilter,
  constraints: constraintsFilter,
  resources: resourcesFilter,
  'host-ports': hostPortsFilter,
};
/** Asked in this order; the first that refuses names the cause in a summary. */
export const FILTERS_IN_ORDER = PLACEMENT_FILTERS.map((name) => ({ name, filter: FILTERS[name] }));

export const SCORES = { 'image-locality': imageLocalityScore, spread: spreadScore } as const;

export const fits = (demand: Demand, ledger: HostLedger): boolean => FILTERS_IN_ORDER.every(({ filter }) => filter.fits(demand, ledger));
/** The sum of the scores, for a host that fits. */
export const totalScore = (demand: Demand, ledger: HostLedger): number =>
  imageLocalityScore.value(demand, ledger) + spreadScore.value(demand, ledger);
