/** Affinity, spread over a label, packing, priorities and turns: named cases. What holds whatever is pending is in properties.test.ts. */
import type { PlacementRules } from '@berth/shared/model/placement-rules';
import { describe, expect, test } from 'vitest';
import type { PendingRun } from './model.ts';
import { GIB, host, now, plan, run } from './scheduler.test-data.ts';

const zones = [
  host(1, { labels: { zone: 'a' } }),
  host(2, { labels: { zone: 'a' } }),
  host(3, { labels: { zone: 'b' } }),
  host(4, { labels: { zone: 'c' } }),
];
const web = (n: number, rules: PlacementRules, change: Partial<PendingRun> = {}) => run(n, { labels: { app: 'web' }, rules, ...change });
const hostsOf = (placements: ReturnType<typeof plan>['placements']) => placements.map(({ hostId }) => hostId);

describe('anti-affinity', () => {
  const apart: PlacementRules = { antiAffinity: [{ runs: { app: 'web' }, required: true }] };

  test('runs that keep away from each other do so in one plan, and the one too many says why', () => {
    const { placements, waiting } = plan([web(1, apart), web(2, apart), web(3, apart)], [host(1), host(2)]);
    expect(new Set(hostsOf(placements)).size).toBe(2);
    expect(waiting[0]?.waiting.message).toBe('no host fits: 2 of 2 hosts have a run that has app=web');
  });

  test('holds by zone', () => {
    const byZone: PlacementRules = { antiAffinity: [{ runs: { app: 'web' }, topology: 'zone', required: true }] };
    const { placements, waiting } = plan(
      [1, 2, 3, 4].map((n) => web(n, byZone)),
      zones,
    );
    expect(placements.map(({ hostId }) => zones.find(({ id }) => id === hostId)?.labels.zone).sort()).toEqual(['a', 'b', 'c']);
    expect(waiting[0]?.waiting.message).toBe('no host fits: 4 of 4 hosts have a zone where a run has app=web');
  });

  test('is mutual: a run that asks for nothing stays away from one that wants to be alone', () => {
    const shunning = [{ hostId: 'host_1', selector: { app: 'web' }, topology: null, runs: 1 }];
    expect(plan([run(1, { labels: { app: 'web' } })], [host(1)], { shunning }).waiting[0]?.waiting.message).toBe(
      'no host fits: web-1 has a run that keeps away from app=web',
    );
    expect(hostsOf(plan([run(1, { labels: { app: 'db' } })], [host(1)], { shunning }).placements)).toEqual(['host_1']);
  });

  test('that is preferred yields where there is no other host', () => {
    const rather: PlacementRules = { antiAffinity: [{ runs: { app: 'web' } }] };
    const { placements } = plan([web(1, rather), web(2, rather), web(3, rather)], [host(1), host(2)]);
    expect(new Set(hostsOf(placements).slice(0, 2)).size).toBe(2);
    expect(placements).toHaveLength(3);
    expect(placements[1]?.placement.hosts[0]?.scores[0]).toEqual({
      score: 'anti-affinity',
      value: 200,
      most: 200,
      message: 'away from app=web',
    });
  });
});

describe('affinity', () => {
  const near: PlacementRules = { affinity: [{ runs: { app: 'db' }, required: true }] };

  test('follows a run that is there, and one that is placed after it in the same plan', () => {
    const present = [{ hostId: 'host_2', selector: { app: 'db' }, runs: 1 }];
    expect(hostsOf(plan([web(1, near)], [host(1), host(2), host(3)], { present }).placements)).toEqual(['host_2']);
    const { placements } = plan([web(1, near), run(2, { labels: { app: 'db' } })], [host(1), host(2)]);
    expect(new Set(hostsOf(placements)).size).toBe(1);
    expect(placements).toHaveLength(2);
  });

  test('without such a run waits and says so', () => {
    expect(plan([web(1, near)], [host(1)]).waiting[0]?.waiting.message).toBe('no host fits: web-1 has no run with app=db');
    const byZone: PlacementRules = { affinity: [{ runs: { app: 'db' }, topology: 'zone', required: true }] };
    expect(plan([web(1, byZone)], [zones[2] ?? host(3), host(5)]).waiting[0]?.waiting.message).toBe(
      'no host fits: web-3 has zone b, where no run has app=db, web-5 has no label zone',
    );
  });

  test('to its like lets the first one go anywhere, and the others to it', () => {
    const together: PlacementRules = { affinity: [{ runs: { app: 'web' }, topology: 'zone', required: true }] };
    const { placements } = plan(
      [1, 2, 3, 4, 5].map((n) => web(n, together)),
      zones,
    );
    expect(placements).toHaveLength(5);
    expect(new Set(hostsOf(placements).map((id) => zones.find((entry) => entry.id === id)?.labels.zone)).size).toBe(1);
  });

  test('that is preferred draws, as far as there is room', () => {
    const rather: PlacementRules = { affinity: [{ runs: { app: 'web' } }] };
    const { placements } = plan(
      [1, 2, 3].map((n) => web(n, rather, { memoryBytes: 4 * GIB })),
      [host(1), host(2)],
    );
    expect(hostsOf(placements)).toEqual(['host_1', 'host_1', 'host_2']);
  });
});

describe('the spread over a label', () => {
  test('fills zones evenly, however many hosts each of them has', () => {
    const { placements } = plan(
      Array.from({ length: 9 }, (_, n) => web(n, { spreadOver: { label: 'zone' } })),
      zones,
    );
    const inZone = (zone: string) => placements.filter(({ hostId }) => zones.find(({ id }) => id === hostId)?.labels.zone === zone).length;
    expect(['a', 'b', 'c'].map(inZone)).toEqual([3, 3, 3]);
    expect(placements[0]?.placement.hosts[0]?.scores[0]).toMatchObject({ score: 'spread-over', value: 300, message: '0 runs in zone a' });
  });

  test('goes by the emptiest zone, and not by a host without the label', () => {
    const { placements } = plan(
      [1, 2, 3, 4].map((n) => web(n, { spreadOver: { label: 'zone' } })),
      [...zones, host(5)],
    );
    const last = placements.at(-1)?.placement.hosts;
    expect(last?.[0]?.scores[0]).toMatchObject({ score: 'spread-over', value: 300 });
    expect(last?.find(({ hostId }) => hostId === 'host_5')?.scores[0]).toMatchObject({ value: 0, message: 'has no label zone' });
  });

  test('counts the runs that are named, and those that are there already', () => {
    const present = [{ hostId: 'host_3', selector: { app: 'web' }, runs: 2 }];
    const rules: PlacementRules = { spreadOver: { label: 'zone', runs: { app: 'web' } } };
    const { placements } = plan(
      [1, 2, 3, 4].map((n) => web(n, rules)),
      zones,
      { present },
    );
    expect(hostsOf(placements)).not.toContain('host_3');
    expect(hostsOf(placements).filter((id) => id === 'host_4')).toHaveLength(2);
  });
});

describe('bin-packing', () => {
  const half = (n: number, rules: PlacementRules | null = null) => run(n, { memoryBytes: 4 * GIB, rules });

  test('fills a host before it opens the next one, by the spec or by the workspace', () => {
    const rules: PlacementRules = { strategy: 'bin-pack' };
    expect(hostsOf(plan([half(1, rules), half(2, rules), half(3, rules)], [host(1), host(2)]).placements)).toEqual([
      'host_1',
      'host_1',
      'host_2',
    ]);
    expect(hostsOf(plan([half(1), half(2), half(3)], [host(1), host(2)], { strategy: 'bin-pack' }).placements)).toEqual([
      'host_1',
      'host_1',
      'host_2',
    ]);
  });

  test('sees what other runs of the same plan have filled', () => {
    const rules: PlacementRules = { strategy: 'bin-pack' };
    const small = (n: number) => run(n, { memoryBytes: GIB, rules });
    const busy = host(2, { reserved: { cpuMillis: 0, memoryBytes: 3 * GIB, runs: 1 } });
    const elsewhere = run(2, { memoryBytes: 6 * GIB, rules });
    expect(hostsOf(plan([small(1), elsewhere, small(3)], [host(1), busy]).placements)).toEqual(['host_2', 'host_1', 'host_1']);
  });
});

describe('turns', () => {
  const one = [host(1, { memoryBytes: 4 * GIB })];

  test('the higher priority goes first, then the older', () => {
    const ask = { memoryBytes: 4 * GIB };
    const { placements, waiting } = plan([run(1, ask), run(2, { ...ask, priority: 5 }), run(3, { ...ask, priority: 5 })], one);
    expect(placements.map(({ runId }) => runId)).toEqual([run(2).id]);
    expect(waiting.map(({ runId }) => runId)).toEqual([run(3).id, run(1).id]);
  });

  test('a concurrency key holds back what is over its limit', () => {
    const concurrency = { key: 'deploy', limit: 2 };
    const pending = [run(1, { concurrency }), run(2, { concurrency }), run(3), run(4, { concurrency: { key: 'test', limit: 1 } })];
    const { placements, waiting } = plan(pending, one, { holders: new Map([['deploy', { count: 1, names: ['deploy-1'] }]]) });
    expect(placements.map(({ runId }) => runId)).toEqual([run(1).id, run(3).id, run(4).id]);
    expect(waiting).toEqual([
      {
        runId: run(2).id,
        waiting: {
          reason: 'concurrency-limit',
          message: 'waiting for its turn: at most 2 runs at once with the concurrency key "deploy"',
          next: 'It starts by itself once one of them has ended.',
          since: now.toISOString(),
          deadline: null,
        },
      },
    ]);
  });

  test('a workspace has a limit, too', () => {
    const busy = [host(1, { reserved: { cpuMillis: 0, memoryBytes: 0, runs: 3 } })];
    const { placements, waiting } = plan([run(1), run(2)], busy, { mostAtOnce: 4 });
    expect(placements).toHaveLength(1);
    expect(waiting[0]?.waiting.message).toBe('waiting for its turn: at most 4 runs at once in this workspace');
  });
});

describe('registries that a host did not reach', () => {
  const failure = { hostId: 'host_1', image: 'reg.example/app:1', reason: 'registry-unreachable', times: 1 } as const;
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
  const image = { image: 'reg.example/other:2' };

  test('send runs elsewhere for a while, twice as long after each failure', () => {
    const to = (failures: Parameters<typeof plan>[2]) => hostsOf(plan([run(1, image)], [host(1), host(2)], failures).placements)[0];
    expect(to({ failures: [{ ...failure, lastAt: ago(30) }] })).toBe('host_2');
    expect(to({ failures: [{ ...failure, lastAt: ago(90) }] })).toBe('host_1');
    expect(to({ failures: [{ ...failure, lastAt: ago(90), times: 2 }] })).toBe('host_2');
    expect(to({ failures: [{ ...failure, lastAt: ago(1801), times: 9 }] })).toBe('host_1');
  });

  test('are tried where there is no other host, and the record says so', () => {
    const { placements } = plan([run(1, image)], [host(1)], { failures: [{ ...failure, lastAt: ago(30) }] });
    expect(placements[0]?.placement.hosts[0]?.scores[0]).toEqual({
      score: 'registry-reach',
      value: 0,
      most: 1000,
      message: 'did not reach reg.example at 06:30:42 UTC; preferred again from 06:31:42 on',
    });
  });

  test('matter to no other registry; one that refused an image, to no other image', () => {
    const refused = { ...failure, reason: 'image-unauthorized', lastAt: ago(30) } as const;
    const to = (reference: string) =>
      hostsOf(plan([run(1, { image: reference })], [host(1), host(2)], { failures: [refused] }).placements)[0];
    expect(to('hello-world')).toBe('host_1');
    expect(to('reg.example/other:2')).toBe('host_1');
    expect(to('reg.example/app:1')).toBe('host_2');
  });
});
