/** What holds whatever is pending on whatever hosts. The world is written down twice here: as the scheduler is told, and as it is. */
import type { CompanyRule, Constraint, PlacementRules } from '@berth/shared/model/placement-rules';
import { HOST_PORT_POOL } from '@berth/shared/model/run';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { CandidateHost, PendingRun, PendingVolume, PlacementInput, PlacementPlan, Surroundings } from './model.ts';
import { selectorsOf } from './neighbourhood.ts';
import { planPlacements } from './pipeline.ts';
import { hasLabels, placeOf } from './place.ts';
import { GIB, host, now, QUIET, run, seed } from './scheduler.test-data.ts';

interface Running {
  run: PendingRun;
  hostId: string;
  ports: { protocol: 'tcp' | 'udp'; hostPort: number }[];
}

interface World {
  pending: PendingRun[];
  /** With what others than the running ones reserve. */
  hosts: CandidateHost[];
  running: Running[];
  mostAtOnce: number | null;
  /** Where volumes lie: on a host, on one that was removed, or nowhere yet. */
  lies: Record<string, string | null>;
}

const VOLUMES = ['data', 'logs', 'cache'];
const volumesNamed = (names: readonly string[]): PendingVolume[] => names.map((name) => ({ id: `vol_${name}`, name, lies: null }));

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

const runLabels = fc.constantFrom({}, { app: 'web' }, { app: 'db' }, { app: 'web', tier: 'front' });
const company: fc.Arbitrary<CompanyRule> = fc.record({
  runs: fc.constantFrom({ app: 'web' }, { app: 'db' }, { tier: 'front' }),
  topology: fc.constantFrom(undefined, 'zone'),
  required: fc.boolean(),
});
const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  fc.record({
    label: fc.constant('zone'),
    operator: fc.constantFrom('in' as const, 'not-in' as const),
    values: fc.constantFrom(['a'], ['a', 'b']),
  }),
  fc.record({ label: fc.constant('zone'), operator: fc.constantFrom('exists' as const, 'not-exists' as const) }),
);
const rules: fc.Arbitrary<PlacementRules | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        constraints: fc.array(constraint, { maxLength: 1 }),
        strategy: fc.constantFrom('spread' as const, 'bin-pack' as const),
        spreadOver: fc.constantFrom({ label: 'zone' }, { label: 'zone', runs: { app: 'web' } }),
        affinity: fc.array(company, { maxLength: 2 }),
        antiAffinity: fc.array(company, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
);
const pendingRuns = fc
  .array(
    fc.record({
      image: fc.constantFrom('hello-world', 'nginx:1.29'),
      labels: runLabels,
      rules,
      priority: fc.constantFrom(0, 0, 5, -5),
      concurrency: fc.constantFrom(null, null, { key: 'a', limit: 2 }, { key: 'a', limit: 3 }, { key: 'b', limit: 1 }),
      cpuMillis: fc.constantFrom(0, 500, 1500),
      memoryBytes: fc.constantFrom(0, GIB, 3 * GIB),
      ports: ports.map(distinct),
      volumes: fc
        .oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(VOLUMES, { maxLength: 2 }) })
        .map(volumesNamed),
    }),
    { maxLength: 25 },
  )
  .map((list) => list.map((entry, n) => run(n, entry)));
const hosts = fc
  .array(
    fc.record({
      ready: fc.boolean(),
      labels: fc.constantFrom({}, { zone: 'a' }, { zone: 'b' }, { zone: 'c' }),
      platform: fc.constantFrom('linux/amd64', 'linux/amd64', 'linux/arm64', ''),
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
const world: fc.Arbitrary<World> = fc
  .record({
    pending: pendingRuns,
    hosts,
    running: fc.array(fc.record({ at: fc.nat(), labels: runLabels, rules, key: fc.constantFrom('a', null) }), { maxLength: 6 }),
    mostAtOnce: fc.constantFrom(null, null, 30),
    lying: fc.tuple(...VOLUMES.map(() => fc.option(fc.nat(6), { freq: 1 }))),
  })
  .map(({ running, lying, ...rest }) => ({
    ...rest,
    lies: Object.fromEntries(
      VOLUMES.map((name, n) => [`vol_${name}`, lying[n] === null ? null : (rest.hosts[lying[n] ?? 0]?.id ?? 'host_removed')]),
    ),
    running: running.flatMap(({ at, labels, rules, key }, n) => {
      const hostId = rest.hosts[at % Math.max(1, rest.hosts.length)]?.id;
      const concurrency = key === null ? null : { key, limit: 9 };
      return hostId === undefined ? [] : [{ run: run(900 + n, { labels, rules, concurrency }), hostId, ports: [] }];
    }),
  }));

/** What the repository would read. */
function told({ pending, hosts, running, mostAtOnce, lies }: World): PlacementInput {
  const on = (hostId: string) => running.filter((entry) => entry.hostId === hostId);
  const sum = (list: Running[], of: (run: PendingRun) => number) => list.reduce((total, entry) => total + of(entry.run), 0);
  const keys = new Set(running.flatMap((entry) => entry.run.concurrency?.key ?? []));
  const shuns = ({ rules }: PendingRun) => (rules?.antiAffinity ?? []).filter(({ required }) => required);
  const surroundings: Surroundings = {
    ...QUIET,
    mostAtOnce,
    holders: new Map(
      [...keys].map((key) => [key, { count: running.filter((entry) => entry.run.concurrency?.key === key).length, names: [] }]),
    ),
    present: selectorsOf(pending).flatMap((selector) =>
      hosts.map(({ id }) => ({ hostId: id, selector, runs: on(id).filter((entry) => hasLabels(entry.run.labels, selector)).length })),
    ),
    shunning: running.flatMap(({ run, hostId }) =>
      shuns(run).map((rule) => ({ hostId, selector: rule.runs, topology: rule.topology ?? null, runs: 1 })),
    ),
  };
  const filled = hosts.map((entry) => ({
    ...entry,
    reserved: {
      cpuMillis: entry.reserved.cpuMillis + sum(on(entry.id), ({ cpuMillis }) => cpuMillis),
      memoryBytes: entry.reserved.memoryBytes + sum(on(entry.id), ({ memoryBytes }) => memoryBytes),
      runs: entry.reserved.runs + on(entry.id).length,
    },
    claims: [...entry.claims, ...on(entry.id).flatMap((one) => one.ports)],
  }));
  const placed = (volume: PendingVolume): PendingVolume => {
    const hostId = lies[volume.id] ?? null;
    const hostName = hosts.find(({ id }) => id === hostId)?.name;
    return { ...volume, lies: hostId && { hostId, hostName: hostName ?? 'old', removed: hostName === undefined, lost: false } };
  };
  return {
    pending: pending.map((entry) => ({ ...entry, volumes: entry.volumes.map(placed) })),
    hosts: filled,
    surroundings,
    now,
    seed,
  };
}

const planOf = (given: World): PlacementPlan => planPlacements(told(given));

/** The placements one by one, each with the world in which it was made. */
function* steps(given: World): Generator<{ before: World; run: PendingRun; on: CandidateHost; after: World }> {
  let before = given;
  for (const { runId, hostId, ports } of planOf(given).placements) {
    const placed = given.pending.find(({ id }) => id === runId);
    const on = given.hosts.find(({ id }) => id === hostId);
    if (!placed || !on) throw new Error(`the plan speaks of ${runId} on ${hostId}, which nobody named`);
    const after: World = {
      ...before,
      pending: before.pending.filter(({ id }) => id !== runId),
      running: [...before.running, { run: placed, hostId, ports }],
      lies: { ...before.lies, ...Object.fromEntries(placed.volumes.map(({ id }) => [id, before.lies[id] ?? hostId])) },
    };
    yield { before, run: placed, on, after };
    before = after;
  }
}

// Seconds say nothing on a machine that does other things, too.
vi.setConfig({ testTimeout: 60_000 });

const always = (holds: (given: World) => void, numRuns = 200) => fc.assert(fc.property(world, holds), { numRuns });

test('every run is either placed or waiting, and never both', () =>
  always((given) => {
    const { placements, waiting } = planOf(given);
    expect([...placements, ...waiting].map(({ runId }) => runId).sort()).toEqual(given.pending.map(({ id }) => id).sort());
  }));

test('no plan reserves more than a host has', () =>
  always((given) => {
    for (const { run, on, after } of steps(given)) {
      const full = told(after).hosts.find(({ id }) => id === on.id);
      if (run.cpuMillis > 0) expect(full?.reserved.cpuMillis).toBeLessThanOrEqual(on.cpuMillis);
      if (run.memoryBytes > 0) expect(full?.reserved.memoryBytes).toBeLessThanOrEqual(on.memoryBytes);
    }
  }));

test('no port of a host has two holders', () =>
  always((given) => {
    const last = [...steps(given)].at(-1)?.after ?? given;
    for (const { claims } of told(last).hosts) {
      const keys = claims.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
  }));

test('only hosts that are ready and run linux get work', () =>
  always((given) => {
    for (const { on } of steps(given)) expect([on.ready, on.platform.startsWith('linux/')]).toEqual([true, true]);
  }));

test('a run goes where its volumes lie, a volume is bound once, and never to a second host', () =>
  always((given) => {
    const bound = planOf(given).placements.flatMap(({ binds }) => binds);
    expect(new Set(bound).size).toBe(bound.length);
    for (const id of bound) expect(given.lies[id]).toBeNull();
    for (const { run, on, before, after } of steps(given)) {
      for (const { id } of run.volumes) expect([before.lies[id] ?? on.id, after.lies[id]]).toEqual([on.id, on.id]);
    }
    const last = [...steps(given)].at(-1)?.after ?? given;
    expect(
      Object.keys(last.lies)
        .filter((id) => last.lies[id] !== given.lies[id])
        .sort(),
    ).toEqual(bound.sort());
  }, 400));

test('constraints on labels hold', () =>
  always((given) => {
    for (const { run, on } of steps(given)) {
      for (const one of run.rules?.constraints ?? []) {
        const value = on.labels[one.label];
        if (one.operator === 'in') expect(one.values).toContain(value);
        if (one.operator === 'not-in') expect(one.values).not.toContain(value);
        if (one.operator === 'exists') expect(value).toBeDefined();
        if (one.operator === 'not-exists') expect(value).toBeUndefined();
      }
    }
  }));

/** Those that the rule means and that have a place, with whether that is where `on` is. */
function meant(rule: CompanyRule, before: World, on: CandidateHost): { near: boolean }[] {
  const topology = rule.topology ?? null;
  return before.running.flatMap((entry) => {
    const their = before.hosts.find(({ id }) => id === entry.hostId);
    const place = their && placeOf(topology, their);
    return place !== undefined && hasLabels(entry.run.labels, rule.runs) ? [{ near: place === placeOf(topology, on) }] : [];
  });
}

test('required affinity and anti-affinity hold when a run is placed, also towards those that were there before', () =>
  always((given) => {
    for (const { before, run, on } of steps(given)) {
      for (const rule of (run.rules?.antiAffinity ?? []).filter(({ required }) => required)) {
        expect(meant(rule, before, on).filter(({ near }) => near)).toEqual([]);
      }
      for (const rule of (run.rules?.affinity ?? []).filter(({ required }) => required)) {
        const others = meant(rule, before, on);
        const isFirst = others.length === 0 && hasLabels(run.labels, rule.runs);
        expect(isFirst || others.some(({ near }) => near)).toBe(true);
      }
      for (const other of before.running) {
        const theirs = before.hosts.find(({ id }) => id === other.hostId);
        for (const { runs, topology = null, required } of other.run.rules?.antiAffinity ?? []) {
          const place = theirs && placeOf(topology, theirs);
          if (required && place !== undefined && hasLabels(run.labels, runs)) expect(placeOf(topology, on)).not.toBe(place);
        }
      }
    }
  }, 400));

test('no run is placed while as many as it allows have its key, or as the workspace allows are under way', () =>
  always((given) => {
    for (const { before, run } of steps(given)) {
      const { key, limit } = run.concurrency ?? {};
      if (limit !== undefined) expect(before.running.filter((entry) => entry.run.concurrency?.key === key).length).toBeLessThan(limit);
      const underWay = told(before).hosts.reduce((sum, { reserved }) => sum + reserved.runs, 0);
      if (given.mostAtOnce !== null) expect(underWay).toBeLessThan(given.mostAtOnce);
    }
  }));

test('of two runs that ask for the same, the one with the lower priority, or the younger, never has the host of the other', () =>
  always((given) => {
    const placed = new Set(planOf(given).placements.map(({ runId }) => runId));
    const asks = ({ id: _, priority: __, ...rest }: PendingRun) => JSON.stringify(rest);
    for (const waits of given.pending.filter(({ id }) => !placed.has(id))) {
      for (const has of given.pending.filter((other) => placed.has(other.id) && asks(other) === asks(waits))) {
        expect([has.priority, waits.id]).toSatisfy(
          ([theirs]) => theirs > waits.priority || (theirs === waits.priority && has.id < waits.id),
        );
      }
    }
  }));

test('the order of the input does not matter', () =>
  always((given) => {
    const turned = {
      ...given,
      pending: [...given.pending].reverse(),
      hosts: [...given.hosts].reverse(),
      running: [...given.running].reverse(),
    };
    expect(planOf(turned)).toEqual(planOf(given));
  }));

test('a plan applied converges: what is left waits for the same causes, and nothing more is placed', () =>
  always((given) => {
    const first = planOf(given);
    const causes = new Map(first.waiting.map((entry) => [entry.runId, entry.waiting]));
    const last = [...steps(given)].at(-1)?.after ?? given;
    const pending = last.pending.map((entry) => ({ ...entry, waiting: causes.get(entry.id) ?? null }));
    const second = planOf({ ...last, pending });
    expect(second.placements).toEqual([]);
    expect(second.waiting).toEqual(first.waiting);
  }, 400));
