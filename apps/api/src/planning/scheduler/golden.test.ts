/** Plans as they are today, each in a file of its own. After a change of a rule: npx vitest run --project unit golden -u, and read the diff. */
import type { PlacementRules } from '@berth/shared/model/placement-rules';
import { expect, test } from 'vitest';
import type { CandidateHost, PendingRun, Surroundings } from './model.ts';
import { renderPlan } from './render-plan.ts';
import { GIB, host, now, plan, run } from './scheduler.test-data.ts';

interface Situation {
  pending: PendingRun[];
  hosts: CandidateHost[];
  surroundings?: Partial<Surroundings>;
}

const inZone = (n: number, zone: string, change: Partial<CandidateHost> = {}) => host(n, { labels: { zone }, ...change });
const web = (n: number, rules: PlacementRules, change: Partial<PendingRun> = {}) => run(n, { labels: { app: 'web' }, rules, ...change });
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n + 1));

const SITUATIONS: Record<string, Situation> = {
  'a-run-on-an-empty-fleet': { pending: [run(1)], hosts: many(3, (n) => host(n)) },
  'the-image-decides-between-equals': { pending: [run(1)], hosts: [host(1), host(2, { images: ['hello-world:latest'] })] },
  'four-runs-spread-over-two-hosts': { pending: many(4, (n) => run(n, { memoryBytes: GIB })), hosts: [host(1), host(2)] },
  'four-runs-packed-onto-one-host': {
    pending: many(4, (n) => run(n, { memoryBytes: GIB })),
    hosts: [host(1), host(2)],
    surroundings: { strategy: 'bin-pack' },
  },
  'ports-named-and-chosen': {
    pending: [
      run(1, { ports: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }] }),
      run(2, { ports: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }] }),
      run(3, { ports: [{ containerPort: 80, protocol: 'tcp' }] }),
    ],
    hosts: [host(1)],
  },
  'constraints-leave-one-host': {
    pending: [run(1, { rules: { constraints: [{ label: 'zone', operator: 'in', values: ['eu-1', 'eu-2'] }] } })],
    hosts: [inZone(1, 'us-1'), inZone(2, 'eu-2'), host(3)],
  },
  'nothing-fits-for-three-reasons': {
    pending: [run(1, { memoryBytes: 16 * GIB, rules: { constraints: [{ label: 'gpu', operator: 'exists' }] } })],
    hosts: [host(1), host(2, { labels: { gpu: 'yes' } }), host(3, { ready: false, stateMessage: 'the agent is not connected' })],
  },
  'a-host-that-is-away-is-waited-for': {
    pending: [run(1)],
    hosts: [host(1, { ready: false, connected: false, stateMessage: 'the agent is not connected' })],
  },
  'runs-that-repel-each-other': {
    pending: many(3, (n) => web(n, { antiAffinity: [{ runs: { app: 'web' }, required: true }] })),
    hosts: [host(1), host(2)],
  },
  'a-run-follows-one-that-comes-after-it': {
    pending: [web(1, { affinity: [{ runs: { app: 'db' }, topology: 'zone', required: true }] }), run(2, { labels: { app: 'db' } })],
    hosts: [inZone(1, 'a', { reserved: { cpuMillis: 2000, memoryBytes: 0, runs: 3 } }), inZone(2, 'b'), inZone(3, 'b')],
  },
  'zones-are-filled-evenly': {
    pending: many(4, (n) => web(n, { spreadOver: { label: 'zone' } })),
    hosts: [inZone(1, 'a'), inZone(2, 'a'), inZone(3, 'b'), host(4)],
  },
  'the-higher-priority-has-the-last-room': {
    pending: [run(1, { memoryBytes: 6 * GIB }), run(2, { memoryBytes: 6 * GIB, priority: 10 })],
    hosts: [host(1)],
  },
  'turns-by-key-and-by-workspace': {
    pending: [run(1, { concurrency: { key: 'deploy', limit: 1 } }), run(2, { concurrency: { key: 'deploy', limit: 1 } }), run(3), run(4)],
    hosts: [host(1, { reserved: { cpuMillis: 0, memoryBytes: 0, runs: 8 } })],
    surroundings: { mostAtOnce: 10 },
  },
  'a-volume-goes-with-its-first-run-and-the-second-follows': {
    pending: many(2, (n) => run(n, { memoryBytes: 3 * GIB, volumes: [{ id: 'vol_1', name: 'data', lies: null }] })),
    hosts: [host(1), host(2)],
  },
  'a-volume-on-a-host-that-is-lost': {
    pending: [
      run(1, { volumes: [{ id: 'vol_1', name: 'data', lies: { hostId: 'host_3', hostName: 'web-3', removed: false, lost: true } }] }),
    ],
    hosts: [host(1), host(2), host(3, { ready: false, lost: true, stateMessage: 'last seen 6 min ago' })],
  },
  'a-registry-that-one-host-did-not-reach': {
    pending: [run(1, { image: 'reg.example/app:1' })],
    hosts: [host(1, { images: ['reg.example/app:1'] }), host(2, { reserved: { cpuMillis: 3000, memoryBytes: 0, runs: 9 } })],
    surroundings: {
      failures: [
        {
          hostId: 'host_1',
          image: 'reg.example/app:1',
          reason: 'registry-unreachable',
          times: 3,
          lastAt: new Date(now.getTime() - 60_000),
        },
      ],
    },
  },
};

test.each(Object.entries(SITUATIONS))('%s', async (name, { pending, hosts, surroundings }) => {
  await expect(renderPlan({ pending, hosts }, plan(pending, hosts, surroundings))).toMatchFileSnapshot(`golden/${name}.txt`);
});
