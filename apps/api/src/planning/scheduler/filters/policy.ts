/** Refuses hosts whose own policy file does not allow what the run asks for. The agent asks the file again (law L8). */
import { DEFAULT_POLICY, policyRefusals, policyWords } from '@berth/shared/model/host-policy';
import type { Demand, Filter, HostLedger } from '../model.ts';
import { refusal } from './refusal.ts';

const refusals = (demand: Demand, { host }: HostLedger) => policyRefusals(host.policy ?? DEFAULT_POLICY, demand.policy);

export const policyFilter: Filter = {
  fits: (demand, ledger) => refusals(demand, ledger).length === 0,
  refuse: (demand, ledger) => {
    const what = policyWords(refusals(demand, ledger));
    return refusal(ledger.host.name, `does not allow ${what}`, `do not allow ${what}`);
  },
};
