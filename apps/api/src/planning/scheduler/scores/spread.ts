/** Prefers the least loaded: half by the scarcer of reserved cores and memory, half by the number of runs. */
import type { HostLedger, Score } from '../model.ts';

/** So many runs on a host halve its score for their number. */
const HALF_AT_RUNS = 16;

const share = (free: number, whole: number): number => (whole <= 0 ? 0 : Math.min(1, Math.max(0, 1 - free / whole)));
const percent = (part: number): string => `${Math.round(part * 100)} %`;

function reservedShare({ host, freeCpu, freeMemory }: HostLedger): number {
  return Math.max(share(freeCpu, host.cpuMillis), share(freeMemory, host.memoryBytes));
}

export const spreadScore: Score = {
  value: (_demand, ledger) => 50 * (1 - reservedShare(ledger)) + (50 * HALF_AT_RUNS) / (HALF_AT_RUNS + ledger.runs),
  message: (_demand, ledger) =>
    `${ledger.runs} ${ledger.runs === 1 ? 'run' : 'runs'}, ${percent(share(ledger.freeCpu, ledger.host.cpuMillis))} of its cores and ` +
    `${percent(share(ledger.freeMemory, ledger.host.memoryBytes))} of its memory reserved`,
};
