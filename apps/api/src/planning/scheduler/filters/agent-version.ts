/** Refuses hosts whose agent is older than what the run asks for. One that has not said its version yet (0) is not ready either. */
import type { Filter } from '../model.ts';
import { refusal } from './refusal.ts';

export const agentVersionFilter: Filter = {
  fits: (demand, { host }) => host.protocol === 0 || host.protocol >= demand.protocol,
  refuse: (_demand, { host }) =>
    refusal(host.name, 'has an agent too old for what the run asks for: update it', 'have agents too old for what the run asks for'),
};
