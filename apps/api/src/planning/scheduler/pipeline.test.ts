import { placementSchema } from '@berth/shared/model/placement';
import { HOST_PORT_POOL } from '@berth/shared/model/run';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CandidateHost, PendingRun, PlacementInput, PlacementPlan } from './model.ts';
import { planPlacements } from './pipeline.ts';
import { GIB, host, now, plan, run, seed } from './scheduler.test-data.ts';

describe('a run that cannot be placed says why', () => {
  test('no host at all', () => {
    expect(plan([run(1)], []).waiting[0]?.waiting).toMatchObject({
      reason: 'no-host',
      message: expect.stringContaining('no host yet: add one'),
    });
  });

  test('hosts with one cause are told together, the others by name', () => {
    const small = { memoryBytes: GIB };
    const { waiting } = plan(
      [run(1, { memoryBytes: 2 * GIB })],
      [host(1, small), host(2, small), host(3, { ready: false, memoryBytes: GIB })],
    );
    expect(waiting[0]?.waiting).toMatchObject({
      reason: 'no-host-fits',
      message: 'no host fits: 2 of 3 hosts lack 2 GiB of free memory, web-3 is not ready',
    });
  });

  test('a host that would fit is waited for, with the time at which it was last seen', () => {
    const away = { ready: false, connected: false, stateMessage: 'the agent is not connected' };
    expect(plan([run(1)], [host(1, away)]).waiting[0]?.waiting).toMatchObject({
      reason: 'waiting-for-host',
      message: 'waiting for host web-1, last seen 2026-11-23 06:31:12 UTC: the agent is not connected',
    });
  });

  test('an engine that does not answer is told in its own words', () => {
    const away = { ready: false, stateMessage: 'the engine does not answer: connect ENOENT' };
    expect(plan([run(1)], [host(1, away)]).waiting[0]?.waiting.message).toBe(
      'waiting for host web-1: the engine does not answer: connect ENOENT',
    );
  });

  test('since stays while the cause does, and begins anew with another one', () => {
    const waiting = { reason: 'no-host', message: '', since: '2026-01-01T00:00:00.000Z', deadline: null, next: '' } as const;
    expect(plan([run(1, { waiting })], []).waiting[0]?.waiting.since).toBe(waiting.since);
    expect(plan([run(1, { waiting })], [host(1, { ready: false })]).waiting[0]?.waiting.since).toBe(now.toISOString());
  });

  test('an agent that does not know what is asked for', () => {
    expect(plan([run(1, { protocol: 4 })], [host(1)]).waiting[0]?.waiting.message).toBe(
      'no host fits: web-1 has an agent too old for what the run asks for: update it',
    );
    expect(plan([run(1, { protocol: 4 })], [host(1), host(2, { protocol: 4 })]).placements[0]?.hostId).toBe('host_2');
  });

  test('a named host port that is taken', () => {
    const ports: PendingRun['ports'] = [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }];
    const { waiting } = plan([run(1, { ports })], [host(1, { claims: [{ protocol: 'tcp', hostPort: 8080 }] })]);
    expect(waiting[0]?.waiting.message).toBe('no host fits: web-1 has host port 8080/tcp in use');
  });
});

describe('the choice of a host', () => {
  test('the image being there decides between equals', () => {
    const { placements } = plan([run(1)], [host(1), host(2, { images: ['hello-world:latest'] }), host(3)]);
    expect(placements[0]).toMatchObject({
      hostId: 'host_2',
      placement: { message: 'web-2: has the image; best of 3 hosts', considered: 3 },
    });
  });

  test('runs spread over hosts, even where one has the image', () => {
    const hosts = [host(1, { images: ['hello-world:latest'] }), host(2), host(3)];
    const { placements } = plan(
      Array.from({ length: 90 }, (_, n) => run(n)),
      hosts,
    );
    for (const { id } of hosts) expect(placements.filter(({ hostId }) => hostId === id).length).toBeGreaterThan(10);
  });

  test('an older run that fits nowhere does not hold up a younger one', () => {
    const { placements, waiting } = plan([run(1, { cpuMillis: 64_000 }), run(2)], [host(1)]);
    expect([placements.map(({ runId }) => runId), waiting.map(({ runId }) => runId)]).toEqual([[run(2).id], [run(1).id]]);
  });

  test('the record names the chosen host first and keeps within its bounds', () => {
    const hosts = Array.from({ length: 50 }, (_, n) => host(n, n % 2 ? {} : { ready: false, stateMessage: 'the agent is not connected' }));
    const placement = plan([run(1)], hosts).placements[0];
    expect(placementSchema.parse(placement?.placement).hosts[0]?.hostId).toBe(placement?.hostId);
    expect(placement?.placement.hosts.length).toBeLessThanOrEqual(20);
    expect(placement?.placement.hosts.some(({ fits, refusals }) => !fits && refusals.length === 1)).toBe(true);
  });
});

const ports = fc.array(
  fc.record({
    containerPort: fc.integer({ min: 1, max: 100 }),
    hostPort: fc.option(fc.integer({ min: HOST_PORT_POOL.first, max: HOST_PORT_POOL.first + 6 }), { nil: undefined }),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  }),
  { maxLength: 3 },
);
/** As the contract has it: a spec names a host port once. */
const distinct = (list: PendingRun['ports']): PendingRun['ports'] => {
  const seen = new Set<string>();
  return list.filter(({ hostPort, protocol }) => {
    const key = `${hostPort}/${protocol}`;
    if (hostPort === undefined || !seen.has(key)) return seen.add(key);
    return false;
  });
};
const runs = fc
  .array(
    fc.record({
      image: fc.constantFrom('hello-world', 'nginx:1.29'),
      cpuMillis: fc.constantFrom(0, 500, 1500),
      memoryBytes: fc.constantFrom(0, GIB, 3 * GIB),
      ports: ports.map(distinct),
    }),
    { maxLength: 25 },
  )
  .map((list) => list.map((entry, n) => run(n, entry)));
const hosts = fc
  .array(
    fc.record({
      ready: fc.boolean(),
      platform: fc.constantFrom('linux/amd64', 'linux/arm64', ''),
      images: fc.constantFrom([], ['nginx:1.29']),
      reserved: fc.record({
        cpuMillis: fc.constantFrom(0, 1000, 5000),
        memoryBytes: fc.constantFrom(0, GIB, 9 * GIB),
        runs: fc.integer({ min: 0, max: 9 }),
      }),
      claims: fc.uniqueArray(fc.integer({ min: HOST_PORT_POOL.first, max: HOST_PORT_POOL.first + 6 }), { maxLength: 5 }),
    }),
    { maxLength: 6 },
  )
  .map((list) =>
    list.map(({ claims, ...entry }, n) =>
      host(n, { ...entry, claims: claims.map((hostPort) => ({ protocol: 'tcp' as const, hostPort })) }),
    ),
  );

const input = fc.record({ pending: runs, hosts }).map((parts): PlacementInput => ({ ...parts, now, seed }));

/** The hosts as they are once the plan is carried out. */
function applied({ hosts, pending }: PlacementInput, { placements }: PlacementPlan): CandidateHost[] {
  return hosts.map((entry) => {
    const mine = placements.filter(({ hostId }) => hostId === entry.id);
    const demands = mine.map(({ runId }) => pending.find(({ id }) => id === runId) ?? run(0));
    return {
      ...entry,
      reserved: {
        cpuMillis: entry.reserved.cpuMillis + demands.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0),
        memoryBytes: entry.reserved.memoryBytes + demands.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
        runs: entry.reserved.runs + mine.length,
      },
      claims: [...entry.claims, ...mine.flatMap((placement) => placement.ports)],
    };
  });
}

describe('whatever is pending on whatever hosts', () => {
  test('every run is either placed or waiting, and never both', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { placements, waiting } = planPlacements(given);
        const answered = [...placements, ...waiting].map(({ runId }) => runId).sort();
        expect(answered).toEqual(given.pending.map(({ id }) => id).sort());
      }),
    );
  });

  test('no plan reserves more than a host has', () => {
    fc.assert(
      fc.property(input, (given) => {
        for (const [n, after] of applied(given, planPlacements(given)).entries()) {
          const before = given.hosts[n]?.reserved;
          if (after.reserved.cpuMillis !== before?.cpuMillis) expect(after.reserved.cpuMillis).toBeLessThanOrEqual(after.cpuMillis);
          if (after.reserved.memoryBytes !== before?.memoryBytes) expect(after.reserved.memoryBytes).toBeLessThanOrEqual(after.memoryBytes);
        }
      }),
    );
  });

  test('no port of a host has two holders', () => {
    fc.assert(
      fc.property(input, (given) => {
        for (const { claims } of applied(given, planPlacements(given))) {
          const keys = claims.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`);
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
    );
  });

  test('only hosts that are ready and run linux get work', () => {
    fc.assert(
      fc.property(input, (given) => {
        const usable = new Set(given.hosts.filter(({ ready, platform }) => ready && platform !== '').map(({ id }) => id));
        for (const { hostId } of planPlacements(given).placements) expect(usable).toContain(hostId);
      }),
    );
  });

  test('the order of the input does not matter', () => {
    fc.assert(
      fc.property(input, (given) => {
        const turned = { ...given, pending: [...given.pending].reverse(), hosts: [...given.hosts].reverse() };
        expect(planPlacements(turned)).toEqual(planPlacements(given));
      }),
    );
  });

  test('a plan applied converges: what is left waits for the same causes, and nothing more is placed', () => {
    fc.assert(
      fc.property(input, (given) => {
        const first = planPlacements(given);
        const waiting = new Map(first.waiting.map((entry) => [entry.runId, entry.waiting]));
        const pending = given.pending.flatMap((entry) => {
          const cause = waiting.get(entry.id);
          return cause ? [{ ...entry, waiting: cause }] : [];
        });
        const second = planPlacements({ ...given, pending, hosts: applied(given, first) });
        expect(second.placements).toEqual([]);
        expect(second.waiting).toEqual(first.waiting);
      }),
    );
  });
});

test('10,000 pending runs on 100 hosts are planned well under a second', () => {
  const pending = Array.from({ length: 10_000 }, (_, n) => run(n, { cpuMillis: n % 3, image: `app-${n % 5}` }));
  const candidates = Array.from({ length: 100 }, (_, n) => host(n));
  const start = process.cpuUsage();
  const { placements } = plan(pending, candidates);
  const { user } = process.cpuUsage(start);
  expect(placements).toHaveLength(10_000);
  // Microseconds of this process: what else the machine does is not the planner's matter.
  expect(user).toBeLessThan(1_000_000);
});
