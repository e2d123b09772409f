import { type HostUpdateState, isUnderWay } from '@berth/shared/model/agent-update';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgentUpdateInput, ASK_SECONDS, planAgentUpdate, type UpdatedHost } from './plan-agent-update.ts';

const host = (name: string, stage: number, change: Partial<UpdatedHost> = {}): UpdatedHost => ({
  hostId: `host_${name}`,
  hostName: name,
  stage,
  state: 'waiting',
  message: 'waits for its turn',
  deadline: null,
  removed: false,
  ready: true,
  hostMessage: 'ready',
  sha256: 'old',
  said: null,
  ...change,
});
const input = (hosts: UpdatedHost[], change: Partial<AgentUpdateInput> = {}): AgentUpdateInput => ({
  state: 'running',
  version: '0.2.0',
  sha256: 'new',
  pauseAtFailures: 1,
  hosts,
  now: 0,
  ...change,
});
const updating = (change: Partial<UpdatedHost> = {}) => host('one', 1, { state: 'updating', deadline: 1000, ...change });
const has = { sha256: 'new', said: { state: 'done', message: 'runs version 0.2.0' } } as const;

describe('an update of agents', () => {
  it('begins with the first stage, and says what comes then', () => {
    const { steps, message } = planAgentUpdate(input([host('one', 1), host('two', 1), host('three', 2)]));
    expect(steps).toMatchObject([
      { hostId: 'host_one', state: 'asking', deadline: ASK_SECONDS * 1000 },
      { hostId: 'host_two', state: 'asking' },
    ]);
    expect(message).toBe('stage 1 of 2: one and two are updated to version 0.2.0; then stage 2, once they are back and ready');
  });

  it.each([
    ['runs the version before', updating()],
    ['is being tried', updating({ sha256: 'new', said: { state: 'trying', message: 'version 0.2.0 is being tried' } })],
    ['is not ready yet', updating({ ...has, ready: false, hostMessage: 'the agent is not connected' })],
  ])('waits for a host that %s', (_, first) => {
    const { steps, state } = planAgentUpdate(input([first, host('two', 2)]));
    expect(steps.filter(({ hostId }) => hostId === 'host_two')).toEqual([]);
    expect(state).toBe('running');
  });

  it('goes on to the next stage once all of the one before are back and ready', () => {
    expect(planAgentUpdate(input([updating(has), host('two', 2)])).steps).toMatchObject([
      { hostId: 'host_one', state: 'done', message: 'runs version 0.2.0' },
      { hostId: 'host_two', state: 'asking' },
    ]);
  });

  it('pauses when one fails, and says why and what waits', () => {
    const said = { state: 'failed', message: 'it did not reach the api within 60 s; the version before goes on' } as const;
    const { state, message, steps, finished } = planAgentUpdate(input([updating({ said }), host('two', 2)]));
    expect(steps).toMatchObject([{ hostId: 'host_one', state: 'failed', message: said.message }]);
    expect({ state, finished }).toEqual({ state: 'paused', finished: false });
    expect(message).toBe(`paused, because one failed: ${said.message}. 1 host waits until it is let go on, or cancelled`);
  });

  it('counts one of which nothing came in time as failed, and says what was last seen of it', () => {
    const late = updating({ ready: false, hostMessage: 'the agent is not connected' });
    expect(planAgentUpdate(input([late], { now: 1000 }))).toMatchObject({
      steps: [{ state: 'failed', message: expect.stringContaining('last seen: the agent is not connected') }],
      state: 'done',
      finished: true,
      message: '0 hosts run version 0.2.0, 1 failed',
    });
  });

  it('that is paused or cancelled begins nothing; what had begun goes on to its end', () => {
    const hosts = [updating(), host('two', 1, { state: 'asking', deadline: 9 }), host('three', 2)];
    expect(planAgentUpdate(input(hosts, { state: 'paused' })).steps).toMatchObject([
      { hostId: 'host_one', state: 'updating' },
      { hostId: 'host_two', state: 'waiting' },
    ]);
    const cancelled = planAgentUpdate(input(hosts, { state: 'cancelled' }));
    expect(cancelled.steps.map(({ state }) => state)).toEqual(['updating', 'cancelled', 'cancelled']);
    expect(cancelled).toMatchObject({ state: 'cancelled', finished: false });
    expect(planAgentUpdate(input([updating(has)], { state: 'cancelled' }))).toMatchObject({ state: 'cancelled', finished: true });
  });

  it('leaves out a host that was removed, and one that has it already', () => {
    const hosts = [host('one', 1, { removed: true }), host('two', 1, { sha256: 'new' })];
    expect(planAgentUpdate(input(hosts))).toMatchObject({ steps: [{ state: 'skipped' }, { state: 'done' }], state: 'done' });
  });

  const anyHosts = fc
    .array(
      fc.record({
        stage: fc.integer({ min: 1, max: 5 }),
        state: fc.constantFrom<HostUpdateState[]>('waiting', 'asking', 'updating', 'done', 'failed', 'skipped'),
        ready: fc.boolean(),
        sha256: fc.constantFrom('old', 'new'),
        said: fc.constantFrom(null, has.said, { state: 'failed' as const, message: 'no' }, { state: 'trying' as const, message: 'trying' }),
        deadline: fc.constantFrom(null, 5, 50),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((list) => list.map((one, index) => host(`h${index}`, one.stage, one)));

  it('begins no stage before the ones before it are over, and none when it may not; what is over stays as it is', () => {
    fc.assert(
      fc.property(
        anyHosts,
        fc.constantFrom('running', 'paused', 'cancelled'),
        fc.integer({ min: 1, max: 4 }),
        (hosts, state, pauseAtFailures) => {
          const plan = planAgentUpdate(input(hosts, { state, pauseAtFailures, now: 10 }));
          const after = new Map(hosts.map((one) => [one.hostId, one.state]));
          for (const step of plan.steps) {
            expect(isUnderWay(after.get(step.hostId) ?? 'done')).toBe(true);
            after.set(step.hostId, step.state);
          }
          const begun = plan.steps.filter(
            (step) => step.state === 'asking' && hosts.some((one) => one.hostId === step.hostId && one.state === 'waiting'),
          );
          if (begun.length === 0) return;
          expect(plan.state).toBe('running');
          expect([...after.values()].filter((one) => one === 'failed').length).toBeLessThan(pauseAtFailures);
          const stage = Math.min(...begun.map(({ hostId }) => hosts.find((one) => one.hostId === hostId)?.stage ?? 0));
          expect(hosts.filter((one) => one.stage < stage && isUnderWay(after.get(one.hostId) ?? 'done'))).toEqual([]);
        },
      ),
    );
  });

  it('that is carried out comes to its end, stage after stage, and then plans nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 10 }), (stages) => {
        let hosts = stages.map((stage, index) => host(`h${index}`, stage));
        let rounds = 0;
        for (let plan = planAgentUpdate(input(hosts)); ; plan = planAgentUpdate(input(hosts))) {
          const steps = new Map(plan.steps.map((step) => [step.hostId, step]));
          hosts = hosts.map((one) => ({ ...one, ...steps.get(one.hostId) }));
          if (plan.finished) break;
          hosts = hosts.map((one) => (one.state === 'asking' ? { ...one, state: 'updating', ...has } : one));
          expect(++rounds).toBeLessThanOrEqual(5);
        }
        expect(hosts.every(({ state }) => state === 'done')).toBe(true);
        expect(planAgentUpdate(input(hosts, { state: 'done' })).steps).toEqual([]);
      }),
    );
  });
});
