import type { Phase } from '@berth/shared/model/phase';
import type { Assignment } from '@berth/shared/protocol/agent';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterEnd, FIRST_LIFE, isBetweenLives, type Lives } from './lives.ts';
import { DEFAULT_LIMITS, freshProgress, type ObservedContainer, type PlanInput, type Progress, type Step } from './model.ts';
import { plan } from './plan.ts';

const NOW = 1_000_000_000;
const assignment = (attemptId: string, rest: Partial<Assignment> = {}): Assignment => ({
  attemptId,
  runId: `run-${attemptId}`,
  runName: attemptId,
  workspaceId: 'ws',
  spec: { image: 'hello-world' },
  ports: [],
  desired: 'run',
  phase: 'assigned',
  restarts: 0,
  restartRequests: 0,
  credentials: null,
  ...rest,
});
const container = (attemptId: string, state: ObservedContainer['state'], rest: Partial<ObservedContainer> = {}): ObservedContainer => ({
  attemptId,
  containerId: `c-${attemptId}`,
  state,
  createdAt: NOW - 5000,
  startedAt: state === 'created' ? null : NOW - 4000,
  finishedAt: state === 'ended' ? NOW - 1000 : null,
  exitCode: state === 'ended' ? 0 : null,
  oomKilled: false,
  engineMessage: '',
  ...rest,
});

interface Given {
  assignments?: Assignment[];
  containers?: ObservedContainer[];
  progress?: Record<string, Partial<Progress>>;
  rest?: Partial<PlanInput>;
}
function given({ assignments = [], containers = [], progress = {}, rest = {} }: Given): PlanInput {
  return {
    now: NOW,
    observed: true,
    confirmed: true,
    assignments: new Map(assignments.map((a) => [a.attemptId, a])),
    containers: new Map(containers.map((c) => [c.attemptId, c])),
    progress: new Map(Object.entries(progress).map(([id, p]) => [id, { ...freshProgress(), ...p }])),
    lives: new Map(),
    removals: new Set(),
    contactAge: 0,
    limits: DEFAULT_LIMITS,
    ...rest,
  };
}
const names = (input: PlanInput) => plan(input).steps.map((step) => step.step);

describe('a fenced attempt', () => {
  const assignments = [assignment('a', { fenceAfterSeconds: 60 })];
  const attached = { imageReady: true, attached: true, startMarked: true };
  const at = (contactAge: number, state?: ObservedContainer['state'], progress: Partial<Progress> = attached) =>
    plan(given({ assignments, containers: state ? [container('a', state)] : [], progress: { a: progress }, rest: { contactAge } }));

  it('runs on until the api was not heard for as long as its limit, and is stopped then, confirmed or not', () => {
    expect(at(20, 'running')).toMatchObject({ steps: [], wakeAt: NOW + 40_000 });
    expect(at(60, 'running').steps).toMatchObject([{ step: 'stop', cause: 'fenced' }]);
    const unconfirmed = given({
      assignments,
      containers: [container('a', 'running')],
      rest: { contactAge: Number.POSITIVE_INFINITY, confirmed: false },
    });
    expect(plan(unconfirmed).steps).toMatchObject([{ step: 'stop', cause: 'fenced' }]);
    expect(at(61, 'running', { ...attached, stopping: { cause: 'fenced', killed: false } }).steps).toEqual([]);
  });

  it('is not started while it may not run', () => {
    expect(at(60, 'created').steps).toEqual([]);
    expect(at(60, undefined, { imageReady: true }).steps).toEqual([]);
    expect(at(0, 'created').steps).toMatchObject([{ step: 'start' }]);
  });

  it('leaves others alone', () => {
    const others = given({
      assignments: [assignment('b')],
      containers: [container('b', 'running')],
      progress: { b: attached },
      rest: { contactAge: 10_000 },
    });
    expect(plan(others)).toEqual({ steps: [], wakeAt: null });
  });
});

describe('an attempt', () => {
  it('goes from nothing to started step by step', () => {
    const assignments = [assignment('a')];
    expect(names(given({ assignments }))).toEqual(['pull']);
    expect(names(given({ assignments, progress: { a: { imageReady: true } } }))).toEqual(['create']);
    const containers = [container('a', 'created')];
    expect(names(given({ assignments, containers, progress: { a: { imageReady: true } } }))).toEqual(['attach']);
    const attached = { imageReady: true, attached: true, startMarked: true };
    expect(names(given({ assignments, containers, progress: { a: attached } }))).toEqual(['start']);
    expect(names(given({ assignments, containers: [container('a', 'running')], progress: { a: attached } }))).toEqual([]);
    expect(names(given({ assignments, containers: [container('a', 'ended')], progress: { a: attached } }))).toEqual(['conclude']);
  });

  it('starts nothing while the engine was not observed, or the set not confirmed', () => {
    const assignments = [assignment('a')];
    expect(names(given({ assignments, rest: { observed: false } }))).toEqual([]);
    expect(names(given({ assignments, rest: { confirmed: false } }))).toEqual([]);
    expect(names(given({ assignments, containers: [container('a', 'running')], rest: { confirmed: false } }))).toEqual(['adopt']);
  });

  it.each<[string, Partial<Assignment>, Partial<Progress>]>([
    ['the api knows it as starting', { phase: 'starting' }, {}],
    ['the api knows it as running', { phase: 'running' }, {}],
    ['the ledger says that a start may have been sent', {}, { startMarked: true }],
  ])('is lost, not started again, where its container is gone and %s', (_, rest, progress) => {
    const [step] = plan(given({ assignments: [assignment('a', rest)], progress: { a: progress } })).steps;
    expect(step).toMatchObject({ step: 'finish', phase: 'lost', reason: 'container-gone' });
  });

  it('is not started while it may still show whether a start began whose answer got lost, nor after that: it is doubted', () => {
    const assignments = [assignment('a', { phase: 'starting' })];
    const of = (doubtUntil: number, desired: Assignment['desired'] = 'run', state: ObservedContainer['state'] = 'created') =>
      plan(
        given({
          assignments: assignments.map((one) => ({ ...one, desired })),
          containers: [container('a', state)],
          progress: { a: { imageReady: true, attached: true, startMarked: true, doubtUntil } },
        }),
      );
    expect(of(NOW + 3000)).toEqual({ steps: [], wakeAt: NOW + 3000 });
    expect(of(NOW).steps).toMatchObject([{ step: 'doubt' }]);
    expect(of(NOW, 'stop').steps).toMatchObject([{ step: 'doubt' }]);
    expect(of(NOW, 'run', 'running').steps).toEqual([]);
  });

  it('makes a container anew that an earlier process left unstarted', () => {
    expect(names(given({ assignments: [assignment('a')], containers: [container('a', 'created')] }))).toEqual(['remove']);
  });

  it('is cancelled before its start: a pull is aborted first', () => {
    const assignments = [assignment('a', { desired: 'stop' })];
    expect(names(given({ assignments, progress: { a: { busy: 'pull' } } }))).toEqual(['abortPull']);
    expect(names(given({ assignments, progress: { a: { busy: 'pull', pullAborted: true } } }))).toEqual([]);
    expect(plan(given({ assignments })).steps).toMatchObject([{ step: 'finish', phase: 'cancelled' }]);
    expect(plan(given({ assignments, containers: [container('a', 'created')] })).steps).toMatchObject([{ phase: 'cancelled' }]);
  });

  it('is stopped once, and killed over a stop under way', () => {
    const containers = [container('a', 'running')];
    const stop = [assignment('a', { desired: 'stop', spec: { image: 'x', stopGracePeriodSeconds: 3 } })];
    const attached = { attached: true };
    expect(plan(given({ assignments: stop, containers, progress: { a: attached } })).steps).toMatchObject([
      { step: 'stop', graceSeconds: 3 },
    ]);
    const stopping = { ...attached, stopping: { cause: 'stop-requested' as const, killed: false } };
    expect(names(given({ assignments: stop, containers, progress: { a: stopping } }))).toEqual([]);
    expect(names(given({ assignments: [assignment('a', { desired: 'kill' })], containers, progress: { a: stopping } }))).toEqual(['kill']);
  });

  it('is held still and let go on as is wanted; a stop does not wait for that', () => {
    const progress = { a: { attached: true } };
    const next = (desired: Assignment['desired'], paused: boolean) =>
      plan(given({ assignments: [assignment('a', { desired })], containers: [container('a', 'running', { paused })], progress })).steps;
    expect(next('pause', false)).toMatchObject([{ step: 'hold', still: true }]);
    expect(next('pause', true)).toEqual([]);
    expect(next('run', true)).toMatchObject([{ step: 'hold', still: false }]);
    expect(next('stop', true)).toMatchObject([{ step: 'stop' }]);
    expect(names(given({ assignments: [assignment('a', { desired: 'pause' })], progress: { a: { busy: 'pull' } } }))).toEqual([]);
  });

  it('is stopped at its time-out, and the plan wakes for it', () => {
    const containers = [container('a', 'running', { startedAt: NOW - 4000 })];
    const progress = { a: { attached: true } };
    const of = (timeoutSeconds: number) =>
      plan(given({ assignments: [assignment('a', { spec: { image: 'x', timeoutSeconds } })], containers, progress }));
    expect(of(5)).toEqual({ steps: [], wakeAt: NOW + 1000 });
    expect(of(4).steps).toMatchObject([{ step: 'stop', cause: 'timed-out' }]);
  });

  it('waits out its pause after a failure', () => {
    const input = given({ assignments: [assignment('a')], progress: { a: { retryAt: NOW + 500 } } });
    expect(plan(input)).toEqual({ steps: [], wakeAt: NOW + 500 });
  });
});

describe('what is no longer assigned', () => {
  it('is stopped before anything is launched, then removed', () => {
    const assignments = [assignment('new')];
    expect(names(given({ assignments, containers: [container('old', 'running')] }))).toEqual(['stop']);
    const progress = { old: { stopping: { cause: 'unassigned' as const, killed: false } } };
    expect(names(given({ assignments, containers: [container('old', 'running')], progress }))).toEqual([]);
    expect(names(given({ assignments, containers: [container('old', 'ended')], progress }))).toEqual(['remove', 'pull']);
  });

  it('is not judged before the set is confirmed', () => {
    expect(names(given({ containers: [container('old', 'running')], rest: { confirmed: false } }))).toEqual([]);
  });
});

describe('evidence', () => {
  const old = { finishedAt: NOW - DEFAULT_LIMITS.keepEndedMs };
  it('is kept for its time and removed after it', () => {
    const kept = plan(given({ containers: [container('a', 'ended')] }));
    expect(kept).toEqual({ steps: [], wakeAt: NOW - 1000 + DEFAULT_LIMITS.keepEndedMs });
    expect(names(given({ containers: [container('a', 'ended', old)] }))).toEqual(['remove']);
  });

  const manyEnded = (count: number, newest: number) =>
    Array.from({ length: count }, (_, i) => container(`a${i}`, 'ended', { finishedAt: newest - i }));

  it('beyond its number is removed oldest first', () => {
    expect(plan(given({ containers: manyEnded(52, NOW - 2000) })).steps).toMatchObject([{ attemptId: 'a50' }, { attemptId: 'a51' }]);
  });

  it('beyond its number waits while containers come and go, within bounds', () => {
    expect(plan(given({ containers: manyEnded(52, NOW - 1500) }))).toEqual({ steps: [], wakeAt: NOW + 500 });
    expect(plan(given({ containers: manyEnded(201, NOW - 1500) })).steps).toMatchObject([{ attemptId: 'a200' }]);
  });

  it('of an end that is not yet acknowledged is never removed', () => {
    const assignments = [assignment('a')];
    const input = given({ assignments, containers: [container('a', 'ended', old)], progress: { a: { ended: true } } });
    expect(names(input)).toEqual([]);
    expect(
      names(
        given({ ...input, assignments, containers: [container('a', 'ended', old)], progress: { a: { ended: true, delivered: true } } }),
      ),
    ).toEqual(['remove']);
  });

  it('goes at once where the api asks', () => {
    expect(names(given({ containers: [container('a', 'ended')], rest: { removals: new Set(['a']) } }))).toEqual(['remove']);
  });
});

/** A host in memory that does what steps say, one at a time, in any order. */
class Model {
  readonly input: PlanInput;
  readonly starts = new Map<string, number>();
  clock = NOW;
  constructor(input: PlanInput) {
    this.input = input;
  }

  #progress(id: string): Progress {
    const known = this.input.progress.get(id) ?? freshProgress();
    (this.input.progress as Map<string, Progress>).set(id, known);
    return known;
  }

  carryOut(step: Step): void {
    const id = 'assignment' in step ? step.assignment.attemptId : step.attemptId;
    const containers = this.input.containers as Map<string, ObservedContainer>;
    const progress = this.#progress(id);
    const found = containers.get(id);
    switch (step.step) {
      case 'pull':
        progress.imageReady = true;
        break;
      case 'create':
        containers.set(id, container(id, 'created'));
        break;
      case 'attach':
        Object.assign(progress, { attached: true, startMarked: true });
        break;
      case 'start':
        if (found?.state !== 'created') expect(isBetweenLives(found ?? container(id, 'created'), this.input.lives.get(id))).toBe(true);
        this.starts.set(id, (this.starts.get(id) ?? 0) + 1);
        containers.set(id, container(id, 'running', { startedAt: ++this.clock }));
        break;
      case 'adopt':
        progress.attached = true;
        break;
      case 'hold':
        expect(found?.state).toBe('running');
        containers.set(id, container(id, 'running', { paused: step.still }));
        break;
      case 'stop':
      case 'kill':
        progress.stopping = { cause: step.cause, killed: step.step === 'kill' };
        containers.set(id, container(id, 'ended', { startedAt: found?.startedAt ?? null, finishedAt: ++this.clock }));
        break;
      case 'conclude':
        this.#conclude(step.assignment, found ?? container(id, 'ended'), progress);
        break;
      case 'finish':
        Object.assign(progress, { ended: true, delivered: true });
        break;
      case 'remove':
        containers.delete(id);
        break;
      case 'forget':
        (this.input.progress as Map<string, Progress>).delete(id);
        break;
      case 'abortPull':
        progress.pullAborted = true;
        break;
    }
  }

  #conclude({ attemptId, spec, desired, restartRequests }: Assignment, ended: ObservedContainer, progress: Progress): void {
    const lives = this.input.lives.get(attemptId) ?? FIRST_LIFE;
    const ends = desired === 'stop' || desired === 'kill';
    const cause = progress.stopping?.cause ?? null;
    const rests = { attached: false, drained: true, stopping: null };
    if (isBetweenLives(ended, lives) && !ends) return void Object.assign(progress, rests);
    const listened = progress.attached;
    const after = afterEnd({ container: ended, spec, lives, cause, desired, listened, restartRequests, now: NOW - 3_600_000, chance: 0 });
    if (!after.restart) return void Object.assign(progress, { ended: true, delivered: true });
    (this.input.lives as Map<string, Lives>).set(attemptId, after.lives);
    Object.assign(progress, rests);
  }

  /** The agent's process is killed: only what the ledger holds is known afterwards. */
  restart(): void {
    for (const [id, progress] of this.input.progress) {
      const { startMarked, ended, delivered } = progress;
      (this.input.progress as Map<string, Progress>).set(id, { ...freshProgress(), startMarked, ended, delivered });
    }
  }
}

const attempts = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 12 }).map((n) => `a${n}`),
    assigned: fc.boolean(),
    desired: fc.constantFrom<Assignment['desired']>('run', 'pause', 'stop', 'kill'),
    phase: fc.constantFrom<Phase>('assigned', 'pulling', 'creating', 'starting', 'running', 'stopping'),
    state: fc.constantFrom<ObservedContainer['state'] | null>(null, 'created', 'running', 'ended'),
    paused: fc.boolean(),
    startMarked: fc.boolean(),
    attached: fc.boolean(),
    restartRequests: fc.constantFrom(0, 0, 1),
    maxRetries: fc.constantFrom(null, 1, 3),
  }),
  { selector: ({ id }) => id, maxLength: 10 },
);
const host = attempts.map((list) =>
  given({
    assignments: list
      .filter(({ assigned }) => assigned)
      .map(({ id, desired, phase, restartRequests, maxRetries }) => {
        const spec: Assignment['spec'] =
          maxRetries === null ? { image: 'x' } : { image: 'x', restart: { policy: 'on-failure' as const, maxRetries } };
        return assignment(id, { desired, phase, restartRequests, spec });
      }),
    containers: list.flatMap(({ id, state, paused }) =>
      state ? [container(id, state, { paused: paused && state === 'running', ...(state === 'ended' && { exitCode: 1 }) })] : [],
    ),
    progress: Object.fromEntries(
      list.map(({ id, state, startMarked, attached }) => [
        id,
        { startMarked: startMarked && state !== null, attached: attached && state === 'running' },
      ]),
    ),
  }),
);

describe('for any host', () => {
  it('carrying plans out converges, a converged state plans nothing, and no attempt is started twice, whatever dies in between', () => {
    fc.assert(
      fc.property(
        host,
        fc.infiniteStream(fc.nat()),
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }),
        (input, choices, crashes) => {
          const ranBefore = new Set(
            [...input.containers.values()].filter(({ state }) => state !== 'created').map(({ attemptId }) => attemptId),
          );
          const model = new Model(input);
          for (let i = 0; ; i++) {
            expect(i).toBeLessThan(300);
            if (crashes.includes(i)) model.restart();
            const { steps } = plan(input);
            if (steps.length === 0) break;
            const step = steps[(choices.next().value ?? 0) % steps.length];
            if (step) model.carryOut(step);
          }
          expect(plan(input).steps).toEqual([]);
          for (const [id, count] of model.starts) {
            // A start for each life, and no life without an end before it.
            const restarts = input.lives.get(id)?.restarts ?? 0;
            expect(count).toBe(ranBefore.has(id) ? restarts : restarts + 1);
          }
          for (const id of input.containers.keys()) {
            const found = input.containers.get(id);
            if (found?.state !== 'running') continue;
            expect(input.assignments.get(id)?.desired).toBe(found.paused ? 'pause' : 'run');
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('launches at most as many at once as the limit says, each attempt by one step, whatever the order of the input', () => {
    fc.assert(
      fc.property(host, (input) => {
        const { steps } = plan(input);
        const ids = steps.map((step) => ('assignment' in step ? step.assignment.attemptId : step.attemptId));
        expect(new Set(ids).size).toBe(ids.length);
        expect(steps.filter(({ step }) => step === 'start' || step === 'create').length).toBeLessThanOrEqual(DEFAULT_LIMITS.launches);
        const strays = [...input.containers.values()].some((c) => c.state === 'running' && !input.assignments.has(c.attemptId));
        if (strays) expect(steps.some(({ step }) => ['pull', 'create', 'attach', 'start'].includes(step))).toBe(false);
        const turned = {
          ...input,
          assignments: new Map([...input.assignments].reverse()),
          containers: new Map([...input.containers].reverse()),
        };
        const key = (list: Step[]) => list.map((step) => JSON.stringify(step)).sort();
        expect(key(plan(turned).steps)).toEqual(key(steps));
      }),
      { numRuns: 500 },
    );
  });
});
