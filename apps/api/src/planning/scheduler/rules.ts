/** The filters and scores of the scheduler. */
import { agentVersionFilter } from './filters/agent-version.ts';
import { approvalFilter } from './filters/approval.ts';
import { cordonFilter } from './filters/cordon.ts';
import { drainFilter } from './filters/drain.ts';
import { hostPortsFilter } from './filters/host-ports.ts';
import { platformFilter } from './filters/platform.ts';
import { policyFilter } from './filters/policy.ts';
import { readyFilter } from './filters/ready.ts';
import { resourcesFilter } from './filters/resources.ts';
import type { Demand, HostLedger } from './model.ts';
import { imageLocalityScore } from './scores/image-locality.ts';
import { spreadScore } from './scores/spread.ts';

/** Asked in this order; the first that refuses names the cause in a summary. */
export const FILTERS = {
  ready: readyFilter,
  approval: approvalFilter,
  cordon: cordonFilter,
  drain: drainFilter,
  platform: platformFilter,
  'agent-version': agentVersionFilter,
  policy: policyFilter,
  resources: resourcesFilter,
  'host-ports': hostPortsFilter,
} as const;
const filters = Object.values(FILTERS);

export const SCORES = { 'image-locality': imageLocalityScore, spread: spreadScore } as const;

export const fits = (demand: Demand, ledger: HostLedger): boolean => filters.every((filter) => filter.fits(demand, ledger));
/** The sum of the scores, for a host that fits. */
export const totalScore = (demand: Demand, ledger: HostLedger): number =>
  imageLocalityScore.value(demand, ledger) + spreadScore.value(demand, ledger);
