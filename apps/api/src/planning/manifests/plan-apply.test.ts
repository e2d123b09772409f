import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf } from './in-order.ts';
import { KIND_RULES } from './kind-rules.ts';
import { actionsOf, refusalsOf, World, wantedOf } from './manifests.test-data.ts';
import { isObject, type JsonObject } from './model.ts';
import { planApply } from './plan-apply.ts';
import { changesBetween, mergeThreeWay, textOf } from './three-way.ts';
import { manifestOf, toYaml } from './write-manifests.ts';

const registry = (username: string, rest = '') => `kind: Registry
metadata: { name: ghcr, labels: { app: shop } }
spec: { server: ghcr.io, username: ${username}${rest} }
`;
const run = (name: string, rest = '', labels = '{ app: shop }') => `kind: Run
metadata: { name: ${name}, labels: ${labels} }
spec: { image: busybox${rest} }
`;

test('what is not there is made, registries before runs; a second apply plans nothing', () => {
  const world = new World();
  const text = [run('b'), run('a'), registry('me', ', password: s3cret')].join('---\n');
  expect(actionsOf(world.apply(text))).toEqual(['create Registry ghcr', 'create Run a', 'create Run b']);
  expect(actionsOf(world.plan(text))).toEqual(['unchanged Registry ghcr', 'unchanged Run a', 'unchanged Run b']);
});

test('a field that the manifest no longer names is taken away; what others set beside it stays', () => {
  const world = new World();
  world.apply(run('a', '', '{ app: shop, stage: one }'));
  world.change('Run/a', ({ labels }) => ({ labels: { ...labels, owner: 'ada' } }));
  const [step] = world.plan(run('a'));
  expect(step).toMatchObject({ action: 'update', desired: { labels: { app: 'shop', owner: 'ada' } } });
  expect(step?.changes).toEqual([{ path: 'metadata.labels.stage', from: '"one"', to: null }]);
});

test('a change by somebody else of what the manifest names is shown, and taken back', () => {
  const world = new World();
  world.apply(registry('me', ', password: s3cret'));
  world.change('Registry/ghcr', ({ spec }) => ({ spec: { ...spec, username: 'you' } }));
  const [step] = world.plan(registry('me'));
  expect(step?.changes).toEqual([
    { path: 'spec.username', from: '"you"', to: '"me"', conflict: 'it was "me" when it was last applied, and has been changed since' },
  ]);
});

test('a password is masked, kept where it is not named, and demanded where there is none yet', () => {
  const world = new World();
  const missing = planApply({ wanted: wantedOf(registry('me')), present: new Map(), applied: new Map() });
  expect(missing).toMatchObject({ ok: false, errors: [{ path: 'documents.0.spec.password' }] });
  world.apply(registry('me', ', password: s3cret'));
  expect(world.plan(registry('me'))).toMatchObject([{ action: 'unchanged' }]);
  const [step] = world.plan(registry('me', ', password: other'));
  expect(step?.changes).toEqual([{ path: 'spec.password', from: '"•••"', to: '"•••"' }]);
  expect(JSON.stringify([...world.applied.values()])).not.toContain('s3cret');
});

test('another spec of a run is another run: the one before is stopped first; another label is not', () => {
  const world = new World();
  world.apply(run('a'));
  expect(world.plan(run('a', '', '{ app: other }'))).toMatchObject([{ action: 'update', id: 'id-1' }]);
  const [again] = world.plan(run('a', ', args: [ls]'));
  expect(again).toMatchObject({ action: 'create', present: { id: 'id-1' }, plan: expect.stringContaining('the present run is stopped') });
  expect(again?.id).toBeUndefined();
  world.change('Run/a', () => ({ ended: 'exited with 0' }));
  expect(world.plan(run('a'))).toMatchObject([{ action: 'unchanged', plan: expect.stringContaining('It has run and exited with 0') }]);
  expect(world.plan(run('a', ', args: [ls]'))[0]?.plan).toBe('The run before exited with 0: a new one is started.');
});

test('a run that keeps the version of a secret that it was made with is no different from its manifest, which names none', () => {
  const spec = (version?: number) => ({ image: 'busybox', secrets: [{ secret: 'token', env: 'TOKEN', ...(version && { version }) }] });
  const { spelled } = KIND_RULES.Run;
  expect(spelled(spec(), spec(3))).toEqual(spec(3));
  expect(spelled(spec(2), spec(3))).toEqual(spec(2));
  expect(spelled(spec(), { image: 'busybox', secrets: [{ secret: 'other', env: 'TOKEN', version: 3 }] })).toEqual(spec());
});

test('a run that no apply made is taken as its own where it is as the manifest says, and left alone where it is not', () => {
  const world = new World();
  world.present.set('Run/a', { id: 'theirs', name: 'a', version: '1', labels: { app: 'shop' }, spec: { image: 'busybox' }, foreign: true });
  expect(world.plan(run('a'))).toMatchObject([{ action: 'unchanged', id: 'theirs' }]);
  const [step] = world.plan(run('a', ', args: [ls]'));
  expect(step).toMatchObject({ action: 'create' });
  expect(step?.present).toBeUndefined();
});

test('only what carries the labels and was applied before is pruned', () => {
  const world = new World();
  world.apply([run('a'), run('b'), run('c', '', '{ app: other }')].join('---\n'));
  world.present.set('Run/d', { id: 'theirs', name: 'd', version: '1', labels: { app: 'shop' }, spec: { image: 'busybox' } });
  world.present.set('Run/a', { id: 'another', name: 'a', version: '1', labels: { app: 'shop' }, spec: { image: 'busybox' } });
  expect(actionsOf(world.plan(run('new'), { app: 'shop' }))).toEqual(['create Run new', 'delete Run b']);
  expect(actionsOf(world.plan(run('new')))).toEqual(['create Run new']);
});

test('what others set beside the manifest can be at odds with it: that is said, at the line', () => {
  const world = new World();
  world.apply(run('a', ', restart: { policy: on-failure }'));
  world.change('Run/a', ({ spec }) => ({ spec: { ...spec, restart: { policy: 'on-failure', maxRetries: 3 } } }));
  const plan = planApply({ wanted: wantedOf(run('a', ', restart: { policy: always }')), present: world.present, applied: world.applied });
  expect(plan).toMatchObject({ ok: false, errors: [{ path: 'documents.0.spec.restart.maxRetries', line: 3 }] });
});

// ── Properties ──

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const labels = fc.dictionary(fc.constantFrom('app', 'stage', 'team'), fc.constantFrom('x', 'y'), { maxKeys: 3 });
const manifest = fc.record({
  kind: fc.constant('Run'),
  metadata: fc.record({ name, labels }, { requiredKeys: ['name'] }),
  spec: fc.record(
    {
      image: fc.constantFrom('busybox', 'nginx:1.29'),
      args: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
      env: fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('1', '2'), { maxKeys: 3 }),
      tty: fc.boolean(),
      ports: fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 65535 }) }), { maxLength: 2 }),
    },
    { requiredKeys: ['image'] },
  ),
});
const manifests = fc.uniqueArray(manifest, { selector: ({ metadata }) => metadata.name, maxLength: 5, minLength: 1 });

test('an apply after an apply plans nothing', () => {
  fc.assert(
    fc.property(manifests, manifests, (first, second) => {
      const world = new World();
      world.apply(JSON.stringify(first));
      world.apply(JSON.stringify(second));
      expect(world.plan(JSON.stringify(second)).filter(({ action }) => action !== 'unchanged')).toEqual([]);
      // What is remembered is known by then, too.
      expect(world.plan(JSON.stringify(second)).filter(({ remember }) => remember)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('the order of documents does not matter', () => {
  fc.assert(
    fc.property(manifests, manifests, fc.infiniteStream(fc.nat()), (before, after, order) => {
      const world = new World();
      world.apply(JSON.stringify(before));
      const shuffled = after.map((one) => ({ one, key: order.next().value })).toSorted((a, b) => a.key - b.key);
      const plan = (documents: unknown[]) =>
        world
          .plan(JSON.stringify(documents), { app: 'x' })
          .map(({ kind, name: of, action, changes, plan: words }) => ({ kind, of, action, changes, words }));
      expect(plan(shuffled.map(({ one }) => one))).toEqual(plan(after));
    }),
    { numRuns: 50 },
  );
});

test('an export applies to the same: it plans nothing', () => {
  fc.assert(
    fc.property(manifests, (documents) => {
      const world = new World();
      world.apply(JSON.stringify(documents));
      const exported = [...world.present].map(([, present]) => manifestOf('Run', present));
      expect(world.plan(toYaml(exported)).filter(({ action }) => action !== 'unchanged')).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

const json: fc.Arbitrary<JsonObject> = fc.letrec<{ value: JsonObject[string]; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('x', 'y'),
    fc.constantFrom(1, 2),
    fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
})).object;

/** Every value that `next` names, at its place. */
const named = (next: JsonObject, merged: JsonObject): boolean =>
  Object.entries(next).every(([key, value]) => {
    const found = merged[key];
    return isObject(value) && isObject(found) ? named(value, found) : textOf(value) === textOf(found);
  });

test('of a three-way merge: what is named is so, what nobody applied stays, and merging again changes nothing', () => {
  fc.assert(
    fc.property(json, json, json, (last, live, next) => {
      const merged = mergeThreeWay(last, live, next);
      expect(named(next, merged)).toBe(true);
      for (const [key, value] of Object.entries(live)) if (!(key in next) && !(key in last)) expect(merged[key]).toEqual(value);
      for (const key of Object.keys(last)) if (!(key in next) && !isObject(live[key])) expect(merged).not.toHaveProperty(key);
      expect(changesBetween(merged, mergeThreeWay(next, merged, next))).toEqual([]);
    }),
  );
});

test('what waits for one another in a circle is refused with all that are in it', () => {
  const file = `services:
  a: { image: x, restart: "no", depends_on: [b] }
  b: { image: x, restart: "no", depends_on: [a] }
`;
  const plan = planApply({ wanted: wantedOf(file), present: new Map(), applied: new Map() });
  expect(plan).toMatchObject({
    ok: false,
    errors: [
      { path: 'services.a.depends_on', line: 2 },
      { path: 'services.b.depends_on', line: 3 },
    ],
  });
});

test('what is depended on comes first, whatever its name', () => {
  const file = 'services:\n  a: { image: x, restart: "no", depends_on: [z] }\n  z: { image: x, restart: "no" }\n';
  expect(new World().plan(file).map(keyOf)).toEqual(['Run/z', 'Run/a']);
  expect(refusalsOf('services:\n  a: { image: x, depends_on: [nobody] }\n')[0]).toMatchObject({ path: 'services.a.depends_on.0', line: 2 });
});
