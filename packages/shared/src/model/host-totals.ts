/** Sums over hosts, and which of them a filter means. Only types are imported: the console takes this into its first load. */
import type { HostCell, HostFilter, HostTotals, Load } from './host-map.ts';

const NOTHING: Load = { total: 0, reserved: 0, used: null };

function plus(sum: Load, load: Load): Load {
  const used = sum.used === null && load.used === null ? null : (sum.used ?? 0) + (load.used ?? 0);
  return { total: sum.total + load.total, reserved: sum.reserved + load.reserved, used };
}

export function totalsOf(cells: Iterable<HostCell>): HostTotals {
  const totals: HostTotals = { hosts: 0, ready: 0, cpu: NOTHING, memory: NOTHING, runs: 0 };
  for (const { state, cpu, memory, runs } of cells) {
    totals.hosts++;
    if (state === 'ready') totals.ready++;
    totals.cpu = plus(totals.cpu, cpu);
    totals.memory = plus(totals.memory, memory);
    totals.runs += runs;
  }
  return totals;
}

export function fitsHostFilter(cell: HostCell, { name, state, label = [] }: HostFilter): boolean {
  if (name !== undefined && !cell.name.toLowerCase().includes(name.toLowerCase())) return false;
  if (state !== undefined && cell.state !== state && !cell.marks.some((mark) => mark === state)) return false;
  return label.every((wanted) => {
    const equals = wanted.indexOf('=');
    if (equals < 0) return Object.hasOwn(cell.labels, wanted);
    const key = wanted.slice(0, equals);
    return Object.hasOwn(cell.labels, key) && cell.labels[key] === wanted.slice(equals + 1);
  });
}
