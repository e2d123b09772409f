import { expect, test } from 'vitest';
import { explainNow } from './explain-now.ts';
import type { CandidateHost, PendingRun, Surroundings } from './model.ts';
import { GIB, host, now, QUIET, run } from './scheduler.test-data.ts';

const explain = (change: Partial<PendingRun>, hosts: CandidateHost[], surroundings: Partial<Surroundings> = {}) =>
  explainNow(run(1, change), { hosts, surroundings: { ...QUIET, ...surroundings }, now });

test('what is lacking is said with its amount, of the freest host', () => {
  const used = (gib: number) => ({ reserved: { cpuMillis: 0, memoryBytes: gib * GIB, runs: 1 } });
  const { message, hosts } = explain({ memoryBytes: 4 * GIB }, [host(1, used(8)), host(2, used(6.75))]);
  expect(message).toBe('It needs 4 GiB of memory; the freest host web-2 has 1.3 GiB free of 8 GiB.');
  expect(hosts.map(({ hostName }) => hostName)).toEqual(['web-2', 'web-1']);
});

test('of several causes, those of the host that comes closest', () => {
  const needs = { memoryBytes: 9 * GIB, rules: { constraints: [{ label: 'gpu', operator: 'exists' as const }] } };
  const hosts = [host(1, { ready: false }), host(2)];
  expect(explain(needs, hosts).message).toBe('web-2 comes closest: it has no label gpu, and it lacks 9 GiB of free memory.');
  expect(explain({ ...needs, memoryBytes: GIB }, hosts).message).toBe('web-2 comes closest: it has no label gpu.');
});

test('who has the turns is named', () => {
  const holders = new Map([['deploy', { count: 3, names: ['deploy-1', 'deploy-2'] }]]);
  expect(explain({ concurrency: { key: 'deploy', limit: 3 } }, [host(1)], { holders }).message).toBe(
    '"deploy" is held by deploy-1, deploy-2 and 1 more; at most 3 may hold it.',
  );
  const busy = host(1, { reserved: { cpuMillis: 0, memoryBytes: 0, runs: 7 } });
  expect(explain({}, [busy], { mostAtOnce: 7 }).message).toBe('7 runs are under way in this workspace; at most 7 may be.');
});

test('every host has its say, the best first', () => {
  const all = Array.from({ length: 300 }, (_, n) => host(n, { ready: n % 2 === 0 }));
  const { message, hosts } = explain({}, all);
  expect(hosts).toHaveLength(300);
  expect(hosts.map(({ fits }) => fits)).toEqual([...all].sort((a, b) => Number(b.ready) - Number(a.ready)).map(({ ready }) => ready));
  expect(message).toBe(`${hosts[0]?.hostName} fits: it is placed within moments.`);
});

test('without a host there is nothing to say of one', () => {
  expect(explain({}, [])).toEqual({ message: 'There is no host yet.', hosts: [] });
});

test('data that lies elsewhere is in the way of every other host, and room there is what would help', () => {
  const lies = { hostId: 'host_1', hostName: 'web-1', removed: false, lost: false };
  const volumes = [{ id: 'vol_1', name: 'data', lies }];
  const full = host(1, { reserved: { cpuMillis: 0, memoryBytes: 8 * GIB, runs: 9 } });
  const { message, hosts } = explain({ volumes, memoryBytes: GIB }, [full, host(2)]);
  expect(message).toBe('It needs 1 GiB of memory; the freest host web-1 has 0 B free of 8 GiB.');
  expect(hosts[1]?.refusals).toEqual([{ filter: 'volumes', message: 'web-2 does not have its data (volume data lies on web-1)' }]);
  const gone = [{ id: 'vol_1', name: 'data', lies: { ...lies, hostId: 'host_0', removed: true } }];
  expect(explain({ volumes: gone }, [host(2)]).message).toBe(
    'No host has its data: volume data lies on web-1, which was removed from the workspace. Restore a backup into another volume, or delete it to begin with an empty one.',
  );
  const apart = [...volumes, { id: 'vol_2', name: 'logs', lies: { ...lies, hostId: 'host_2', hostName: 'web-2' } }];
  expect(explain({ volumes: apart }, [host(1), host(2)]).message).toBe(
    'No host has the data of all its volumes: volume data lies on web-1, volume logs lies on web-2.',
  );
});
