/** Refuses hosts whose unreserved cores or memory do not suffice. */
import { formatBytes, formatCpu } from '@berth/shared/model/quantity';
import type { Filter } from '../model.ts';
import { refusal } from './refusal.ts';

export const resourcesFilter: Filter = {
  concerns: ({ cpuMillis, memoryBytes }) => cpuMillis > 0 || memoryBytes > 0,
  // A run that reserves nothing fits even a host that is overcommitted (its machine may have shrunk).
  fits: (demand, ledger) =>
    (demand.cpuMillis === 0 || demand.cpuMillis <= ledger.freeCpu) && (demand.memoryBytes === 0 || demand.memoryBytes <= ledger.freeMemory),
  refuse: (demand, ledger) => {
    const lacking: string[] = [];
    const free: string[] = [];
    if (demand.cpuMillis > 0 && demand.cpuMillis > ledger.freeCpu) {
      lacking.push(`${formatCpu(demand.cpuMillis)} free cores`);
      free.push(`${formatCpu(Math.max(0, ledger.freeCpu))} of ${formatCpu(ledger.host.cpuMillis)} cores`);
    }
    if (demand.memoryBytes > 0 && demand.memoryBytes > ledger.freeMemory) {
      lacking.push(`${formatBytes(demand.memoryBytes)} of free memory`);
      free.push(`${formatBytes(Math.max(0, ledger.freeMemory))} of ${formatBytes(ledger.host.memoryBytes)} memory`);
    }
    const what = lacking.join(' and ');
    return refusal(ledger.host.name, `lacks ${what}`, `lack ${what}`, `${free.join(' and ')} unreserved`);
  },
};
