/** Refuses hosts where the data of the run's volumes does not lie. A volume that lies nowhere yet goes with the first run that has it. */
import type { Filter, HostLedger, PlannedVolume } from '../model.ts';
import { refusal } from './refusal.ts';

const isHere = ({ lies }: PlannedVolume, { host }: HostLedger): boolean => lies === null || lies.hostId === host.id;

/** "volume data lies on web-1, which counts as lost" */
function whereItLies({ name, lies }: PlannedVolume): string {
  const { hostName = '', removed = false, lost = false } = lies ?? {};
  const fate = removed ? ', which was removed from the workspace' : lost ? ', which counts as lost' : '';
  return `volume ${name} lies on ${hostName}${fate}`;
}

export const volumesFilter: Filter = {
  concerns: ({ volumes }) => volumes.length > 0,
  fits: ({ volumes }, ledger) => volumes.every((volume) => isHere(volume, ledger)),
  refuse: ({ volumes }, ledger) => {
    const where = volumes.filter((volume) => !isHere(volume, ledger)).map(whereItLies);
    const text = `not have its data (${where.join(', ')})`;
    return refusal(ledger.host.name, `does ${text}`, `do ${text}`);
  },
};
