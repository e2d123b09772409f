/** What a host is called, in a sentence and in its cell. Pure. */
import type { HostCell } from '@berth/shared/model/host-map';
import { formatBytes } from '@berth/shared/model/quantity-text';
import { type Look, lookOfHost, lookOfMark } from '../../../ui/state.ts';
import { COLOUR_WORDS, type Colour, shareOf } from './host-cells.ts';

/** Its state, and what stands beside it: what is wrong or out of the ordinary comes first. */
export function looksOf({ state, marks }: Pick<HostCell, 'state' | 'marks'>): Look[] {
  const beside = marks.map(lookOfMark);
  return state === 'ready' && beside.length > 0 ? [...beside, lookOfHost(state)] : [lookOfHost(state), ...beside];
}

export function runsInWords(runs: number): string {
  return runs === 0 ? 'no runs' : runs === 1 ? '1 run' : `${runs} runs`;
}

/** For those who do not see the cell. */
export function cellInWords(cell: HostCell, colour: Colour): string {
  const states = looksOf(cell).map(({ word }) => word.toLowerCase());
  const share = shareOf(cell, colour);
  const load = share === null ? `${COLOUR_WORDS[colour]} not known` : `${COLOUR_WORDS[colour]} ${share} %`;
  return `${cell.name}: ${states.join(', ')}; ${load}; ${runsInWords(cell.runs)}`;
}

/** To the hundredth, with the commas of a whole fleet. */
const cores = (millis: number): string => (Math.round(millis / 10) / 100).toLocaleString('en');

export function cpuInWords({ total, reserved, used }: HostCell['cpu']): string {
  return `${cores(reserved)} of ${cores(total)} cores reserved${used === null ? '' : `, ${cores(used)} in use`}`;
}

export function memoryInWords({ total, reserved, used }: HostCell['memory']): string {
  return `${formatBytes(reserved)} of ${formatBytes(total)} reserved${used === null ? '' : `, ${formatBytes(Math.round(used))} in use`}`;
}
