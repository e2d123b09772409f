import type { HostCell } from '@berth/shared/model/host-map';
import { describe, expect, it } from 'vitest';
import { changeMap, groupsOf, inPlaces, labelKeys, rowsOf, shareOf, sorted } from './host-cells.ts';

const host = (name: string, change: Partial<HostCell> = {}): HostCell => ({
  id: `host_${name}`,
  name,
  labels: {},
  state: 'ready',
  message: null,
  marks: [],
  cpu: { total: 4000, reserved: 1000, used: null },
  memory: { total: 1000, reserved: 100, used: 950 },
  runs: 1,
  agentVersion: null,
  skew: 'unknown',
  ...change,
});
const names = (cells: readonly HostCell[]) => cells.map(({ name }) => name);

describe('a map of hosts', () => {
  it('is by name, as people count', () => {
    const map = changeMap(undefined, { whole: true, cells: [host('web-10'), host('web-2')], gone: [] });
    expect(names(map.items)).toEqual(['web-2', 'web-10']);
    expect(map.totals).toMatchObject({ hosts: 2, cpu: { total: 8000 } });
  });

  it('takes what changed, came and went, and leaves the rest the same', () => {
    const before = changeMap(undefined, { whole: true, cells: [host('a'), host('b'), host('c')], gone: [] });
    const after = changeMap(before, { whole: false, cells: [host('b', { runs: 7 }), host('aa')], gone: ['host_c'] });
    expect(names(after.items)).toEqual(['a', 'aa', 'b']);
    expect(after.items[0]).toBe(before.items[0]);
    expect(after.totals.runs).toBe(9);
  });

  it('forgets what it had where it is told all', () => {
    const before = changeMap(undefined, { whole: true, cells: [host('a')], gone: [] });
    expect(names(changeMap(before, { whole: true, cells: [host('b')], gone: [] }).items)).toEqual(['b']);
  });

  it('knows a share only where there is something to be shared, and what is used only where somebody said', () => {
    expect(shareOf(host('a'), 'cpu')).toBe(25);
    expect(shareOf(host('a'), 'cpu-used')).toBeNull();
    expect(shareOf(host('a'), 'memory-used')).toBe(95);
    expect(shareOf(host('a', { cpu: { total: 0, reserved: 0, used: null } }), 'cpu')).toBeNull();
  });

  it('is grouped by a label; hosts without it come last', () => {
    const cells = [host('a'), host('b', { labels: { zone: 'eu-2' } }), host('c', { labels: { zone: 'eu-1', disk: '' } })];
    expect(groupsOf(cells, 'zone').map(({ value, cells: members }) => [value, names(members)])).toEqual([
      ['eu-1', ['c']],
      ['eu-2', ['b']],
      [null, ['a']],
    ]);
    expect(groupsOf(cells, null)).toHaveLength(1);
    expect(labelKeys(cells)).toEqual(['disk', 'zone']);
  });

  it('is walked in rows', () => {
    expect(rowsOf([host('a'), host('b'), host('c')], 2).map(names)).toEqual([['a', 'b'], ['c']]);
    expect(rowsOf([], 2)).toEqual([]);
  });

  it('keeps its places, whatever becomes of the numbers', () => {
    expect(names(inPlaces([host('a'), host('new'), host('b', { runs: 9 })], ['host_b', 'host_gone', 'host_a']))).toEqual(['b', 'a', 'new']);
  });

  it('is sorted by what is wrong, and by what is full', () => {
    const cells = [
      host('a'),
      host('b', { state: 'lost' }),
      host('c', { marks: ['cordoned'], cpu: { total: 4000, reserved: 4000, used: null } }),
    ];
    expect(names(sorted(cells, 'state', false))).toEqual(['b', 'c', 'a']);
    expect(names(sorted(cells, 'cpu', false))).toEqual(['c', 'a', 'b']);
    expect(names(sorted(cells, 'name', true))).toEqual(['c', 'b', 'a']);
  });
});
