/** How much of a host is reserved, by the scarcer of its cores and its memory. */
import type { HostLedger } from '../model.ts';

const share = (free: number, whole: number): number => (whole <= 0 ? 0 : Math.min(1, Math.max(0, 1 - free / whole)));
const percent = (part: number): string => `${Math.round(part * 100)} %`;

/** 0 to 1. */
export function reservedShare({ host, freeCpu, freeMemory }: HostLedger): number {
  return Math.max(share(freeCpu, host.cpuMillis), share(freeMemory, host.memoryBytes));
}

export function loadText({ host, freeCpu, freeMemory, runs }: HostLedger): string {
  const cores = percent(share(freeCpu, host.cpuMillis));
  return `${runs} ${runs === 1 ? 'run' : 'runs'}, ${cores} of its cores and ${percent(share(freeMemory, host.memoryBytes))} of its memory reserved`;
}
