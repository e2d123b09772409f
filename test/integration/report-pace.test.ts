/** When agents report and when they send heartbeats: the real one and the simulated one keep the same pace. */
import type { RunSpec } from '@berth/shared/model/run';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { SimulatedEngine } from '../fakes/simulated-engine.ts';
import { enrolSimulatedHost } from '../fakes/simulated-identity.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AgentApi, type StoredAttempt } from './agent-api.ts';
import { AgentProcess } from './agent-process.ts';

/** Prints this often, this far apart, and exits. */
const PRINTS = 6;
const APART_MS = 200;
const SPEC: RunSpec = {
  image: 'busybox',
  pullPolicy: 'if-not-present',
  command: ['/bin/sh', '-c', `for i in $(seq ${PRINTS}); do echo $i; sleep ${APART_MS / 1000}; done`],
};
/** Of the api that they are held to. */
const HEARTBEAT_MS = 500;

let mirror: RegistryPart;
let engine: Engine;
let api: AgentApi;
let end: () => Promise<void> | void;

beforeAll(async () => {
  mirror = await startMirror();
  engine = await startEngine({ mirror: mirror.url });
});
afterAll(async () => {
  await engine?.destroy();
  await mirror?.stop();
});

const agents = {
  real: async () => {
    const agent = new AgentProcess({ url: api.url, home: await temporaryFolder('agent-home'), engine: engine.host });
    return () => agent.end();
  },
  simulated: async () => {
    const output = Array.from({ length: PRINTS }, (_, index) => ({
      atMs: index * APART_MS,
      stream: 'stdout' as const,
      data: Buffer.from(`${index + 1}\n`),
    }));
    const runMs = PRINTS * APART_MS;
    const behaviour = () => ({ pullMs: 0, createMs: 5, startMs: 5, output, runMs, exitCode: 0, onStop: 'exits' as const });
    const simulated = new SimulatedEngine({ behaviour });
    const agent = new SimulatedAgent(
      api.url,
      await enrolSimulatedHost({ url: api.url, joinToken: 'join', name: 'pace', engine: simulated }),
    );
    return () => agent.close();
  },
};

describe.each(Object.entries(agents))('the %s agent', (_, start) => {
  beforeEach(async () => {
    api = await new AgentApi().start();
    end = await start();
    await eventually('the agent to connect', () => api.connected);
    // Its image is there from here on.
    await ended(api.run(SPEC));
  });
  afterEach(async () => {
    await end();
    await api.stop();
    expect(api.faults).toEqual([]);
  });

  const ended = (attempt: StoredAttempt) =>
    eventually(
      'the attempt to end',
      () => attempt.over && attempt.last,
      () => attempt,
    );
  const whole = Array.from({ length: PRINTS }, (__, index) => `${index + 1}\n`).join('');

  it('reports what it passes at once as one, with the times of what was passed', async () => {
    const before = api.reports;
    const attempt = api.run(SPEC);
    expect(await ended(attempt)).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(attempt.phases.map(({ phase }) => phase).filter((phase) => phase !== 'creating' && phase !== 'starting')).toEqual([
      'running',
      'exited',
    ]);
    const told = new Set(attempt.phases.flatMap(({ phase, passed }) => [phase, ...Object.keys(passed ?? {})]));
    expect([...told].sort()).toEqual(['creating', 'exited', 'running', 'starting']);
    expect(api.reports - before).toBeGreaterThan(PRINTS / 2);
    expect(attempt.output('stdout').toString()).toBe(whole);
  });

  it('gathers for as long as it is asked to, but never an end, and what it confirms for a while', async () => {
    expect(api.assigned.at(-1)).toMatchObject({ generation: api.generation, accepted: true });
    expect(api.confirmedByReports).toEqual([]);
    api.pace = { gatherMs: 60_000 };
    await ended(api.run(SPEC));
    const [before, alone] = [api.reports, api.assigned.length];
    const attempt = api.run(SPEC);
    expect(await ended(attempt)).toMatchObject({ phase: 'exited', exitCode: 0 });
    // What is assigned is confirmed before that, with what there is to say by then.
    expect(api.reports).toBe(before + 2);
    expect(api.confirmedByReports).toEqual([api.generation]);
    expect(api.assigned).toHaveLength(alone);
    expect(attempt.output('stdout').toString()).toBe(whole);
  });

  it('sends fewer heartbeats while its reports are signs of it, and as many as ever after that', async () => {
    api.pace = { seen: true };
    await ended(api.run(SPEC));
    const before = api.heartbeats.length;
    const start = performance.now();
    for (let time = 0; time < 4; time++) await ended(api.run(SPEC));
    const without = (performance.now() - start) / HEARTBEAT_MS;
    const sent = api.heartbeats.length - before;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(without / 2);
    const quiet = api.heartbeats.length;
    await eventually('heartbeats of a quiet host', () => api.heartbeats.length >= quiet + 4);
  });
});
