/** How the hosts of a map are kept, sorted, grouped and coloured. Pure. */
import type { HostCell, HostMap, Load } from '@berth/shared/model/host-map';
import { totalsOf } from '@berth/shared/model/host-totals';
import type { HostMapChange } from '../../../lib/realtime.ts';

/** What a cell is coloured by. */
export const COLOURS = ['cpu', 'memory', 'cpu-used', 'memory-used'] as const;
export type Colour = (typeof COLOURS)[number];
export const COLOUR_WORDS: Record<Colour, string> = {
  cpu: 'CPU reserved',
  memory: 'Memory reserved',
  'cpu-used': 'CPU in use',
  'memory-used': 'Memory in use',
};

/** Hundredths, 0 to 100; null where it is not known. */
export function shareOf({ cpu, memory }: Pick<HostCell, 'cpu' | 'memory'>, colour: Colour): number | null {
  const load: Load = colour.startsWith('cpu') ? cpu : memory;
  const some = colour.endsWith('used') ? load.used : load.reserved;
  if (some === null || load.total <= 0) return null;
  return Math.min(100, Math.round((some / load.total) * 100));
}

/** web-2 before web-10. */
const names = new Intl.Collator('en', { numeric: true });
export const byName = (a: HostCell, b: HostCell): number => names.compare(a.name, b.name);

/** A map with what has changed of it, by name. A host that has not changed is the same object: what draws it need not look again. */
export function changeMap(map: HostMap | undefined, { whole, cells, gone }: HostMapChange): HostMap {
  const changed = new Map(cells.map((cell) => [cell.id, cell]));
  const left = new Set(gone);
  const before = map?.items ?? [];
  const known = new Set(before.map(({ id }) => id));
  const kept = before.flatMap((cell) => (left.has(cell.id) ? [] : [changed.get(cell.id) ?? cell]));
  const items = whole ? cells : [...kept, ...cells.filter(({ id }) => !known.has(id))];
  return { items: items.toSorted(byName), totals: totalsOf(items) };
}

export interface HostGroup {
  /** The value of the label; null: hosts without it, which come last. */
  value: string | null;
  cells: HostCell[];
}

/** `key` null: all in one. */
export function groupsOf(cells: readonly HostCell[], key: string | null): HostGroup[] {
  if (key === null) return [{ value: null, cells: [...cells] }];
  const groups = new Map<string | null, HostCell[]>();
  for (const cell of cells) {
    const value = Object.hasOwn(cell.labels, key) ? (cell.labels[key] ?? null) : null;
    const group = groups.get(value);
    if (group) group.push(cell);
    else groups.set(value, [cell]);
  }
  return [...groups]
    .map(([value, members]) => ({ value, cells: members }))
    .toSorted((a, b) => (a.value === null ? 1 : b.value === null ? -1 : names.compare(a.value, b.value)));
}

/** What the hosts can be grouped by. */
export function labelKeys(cells: readonly HostCell[]): string[] {
  return [...new Set(cells.flatMap(({ labels }) => Object.keys(labels)))].sort(names.compare);
}

/** The cells of a group, so many a row: what the arrow keys walk over. */
export function rowsOf(cells: readonly HostCell[], columns: number): HostCell[][] {
  return Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) => cells.slice(row * columns, (row + 1) * columns));
}

export const SORTS = ['name', 'state', 'cpu', 'memory', 'runs'] as const;
export type Sort = (typeof SORTS)[number];

/** What is wrong comes first; what is fullest comes first; names go from a to z. Equal ones stay by name. */
export function sorted(cells: readonly HostCell[], sort: Sort, reverse: boolean): HostCell[] {
  const compare: Record<Sort, (a: HostCell, b: HostCell) => number> = {
    name: () => 0,
    state: (a, b) => weightOf(b) - weightOf(a),
    cpu: (a, b) => (shareOf(b, 'cpu') ?? -1) - (shareOf(a, 'cpu') ?? -1),
    memory: (a, b) => (shareOf(b, 'memory') ?? -1) - (shareOf(a, 'memory') ?? -1),
    runs: (a, b) => b.runs - a.runs,
  };
  const order = cells.toSorted((a, b) => compare[sort](a, b) || byName(a, b));
  return reverse ? order.reverse() : order;
}

const weightOf = ({ state, marks }: HostCell): number => ({ lost: 2000, 'not-ready': 1000, ready: 0 })[state] + marks.length;

/** In the places that they had; those that are new come last. */
export function inPlaces(cells: readonly HostCell[], ids: readonly string[]): HostCell[] {
  const left = new Map(cells.map((cell) => [cell.id, cell]));
  const there = ids.flatMap((id) => {
    const cell = left.get(id);
    left.delete(id);
    return cell ? [cell] : [];
  });
  return [...there, ...left.values()];
}
