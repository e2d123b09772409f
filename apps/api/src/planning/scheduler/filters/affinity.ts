/** Refuses hosts that are not near the runs that a run must be near. */
import type { Company, Filter, HostLedger } from '../model.ts';
import { countAt, placeOf, selectorText } from '../place.ts';
import { refusal } from './refusal.ts';

/** The first of a group that wants to be near its like has nobody to be near yet. */
function isNear({ crowd, member }: Company, { host }: HostLedger): boolean {
  if (countAt(crowd, host) > 0) return true;
  return member && crowd.total === 0 && placeOf(crowd.topology, host) !== undefined;
}

export const affinityFilter: Filter = {
  concerns: ({ affinity }) => affinity.some(({ required }) => required),
  fits: ({ affinity }, ledger) => affinity.every((company) => !company.required || isNear(company, ledger)),
  refuse: ({ affinity }, ledger) => {
    const { host } = ledger;
    const missing = affinity.find((company) => company.required && !isNear(company, ledger))?.crowd;
    const { topology = null, selector = {} } = missing ?? {};
    const whom = selectorText(selector);
    if (topology === null) return refusal(host.name, `has no run with ${whom}`, `have no run with ${whom}`);
    const place = placeOf(topology, host);
    if (place === undefined) return refusal(host.name, `has no label ${topology}`, `have no label ${topology}`);
    return refusal(host.name, `has ${topology} ${place}, where no run has ${whom}`, `have a ${topology} where no run has ${whom}`);
  },
};
