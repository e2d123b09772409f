/** A host on real parts that is cut off for so long that it counts as lost, and comes back with everything still running. */
import { logLineSchema } from '@berth/shared/http/lists';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../support/berth.ts';
import type { BerthClient, Run } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { Link } from '../support/link.ts';
import {
  containersOf,
  dockerOf,
  type FaultStage,
  hostIs,
  logsOf,
  openFaultStage,
  printed,
  reached,
  running,
  sh,
  startsOf,
} from './fault-stage.ts';

const LOST_SECONDS = 6;

let stage: FaultStage;
let client: BerthClient;
let link: Link;
let one: Agent;
let two: Agent;
let engineOfTwo: Engine;

beforeAll(async () => {
  stage = await openFaultStage({ HOST_LOST_SECONDS: String(LOST_SECONDS) });
  client = stage.client;
  link = await Link.to(stage.berth.url);
  one = await stage.berth.startAgent({ engine: stage.engine, name: 'one', url: link.url });
});
afterAll(async () => {
  await stage?.close();
  await link?.close();
  await engineOfTwo?.destroy();
});

/** More than half of the machine: two of them never fit together. */
const bigger = async () => `${Math.floor(((await client.getHost(one.hostId)).status.capacity.memoryBytes * 0.6) / 2 ** 20)}Mi`;
const ticking = (word: string) => `i=0; while :; do echo "${word} $i"; i=$((i+1)); sleep 0.2; done`;

const eventSchema = z.object({ Action: z.string(), Actor: z.object({ ID: z.string() }), timeNano: z.number() });
/** By the engine's own record. */
async function whenOn(engine: Engine, action: 'start' | 'die', containerId: string): Promise<number> {
  const filters = JSON.stringify({ type: ['container'], event: [action], container: [containerId] });
  let text = '';
  for await (const piece of await dockerOf(engine).getEvents({ since: 0, until: Date.now() / 1000, filters })) text += piece.toString();
  const [first] = text.split('\n').filter((line) => line !== '');
  return eventSchema.parse(JSON.parse(first ?? '{}')).timeNano;
}

async function bytesOfAttempts(run: Run): Promise<Map<number, string>> {
  const answer = await client.send('GET', `${client.base}/runs/${run.metadata.id}/logs?stream=stdout`, undefined, {
    accept: 'application/x-ndjson',
  });
  const texts = new Map<number, string>();
  for (const line of answer.text.trim().split('\n')) {
    const { attempt, data } = logLineSchema.parse(JSON.parse(line));
    texts.set(attempt, (texts.get(attempt) ?? '') + Buffer.from(data, 'base64').toString());
  }
  return texts;
}

/** "word 0\nword 1\n…", cut off anywhere. */
function expectCounted(text: string | undefined, word: string): void {
  const lines = (text ?? '').split('\n');
  const whole = lines.map((_, index) => `${word} ${index}`).join('\n');
  expect(text).not.toBe('');
  expect(whole.startsWith((text ?? '').trimEnd())).toBe(true);
}

it('a lost host is replaced; back again, it stops the old container before it starts anything, and goes on with what waited for it', async () => {
  const memory = await bigger();
  const moved = await running(
    client,
    await client.createRun(sh(ticking('tick'), { onHostLost: 'replace', resources: { memory } }), { name: 'moved' }),
  );
  const stays = await running(client, await client.createRun(sh(ticking('tock')), { name: 'stays' }));
  await printed(client, moved, 'tick 3');
  const old = (await containersOf(stage.engine, moved))[0]?.Id ?? '';
  engineOfTwo = await startEngine({ mirror: stage.mirror.url });
  two = await stage.berth.startAgent({ engine: engineOfTwo, name: 'two' });

  link.cut();
  await hostIs(client, one, 'lost');
  const again = await reached(
    client,
    moved,
    'running on the other host',
    ({ phase, hostName }) => phase === 'running' && hostName === 'two',
    60_000,
    () => logsOf(stage.berth.api, two),
  );
  expect(again.status.attempts).toMatchObject([
    { number: 1, phase: 'lost', reason: 'host-lost', hostName: 'one' },
    { number: 2, phase: 'running', hostName: 'two' },
  ]);
  // Nobody could tell it: the old one runs on until its host hears of it.
  expect((await containersOf(stage.engine, moved)).map(({ State }) => State)).toEqual(['running']);
  const waiting = await reached(client, stays, 'waiting for its host', (status) => status.waiting !== null);
  expect(waiting.status).toMatchObject({ phase: 'running', hostName: 'one' });
  // It fits on no other host: the first thing that the host is given when it is back.
  const next = await client.createRun(sh(ticking('next'), { resources: { memory } }), { name: 'next' });

  link.mend();
  await hostIs(client, one, 'ready');
  const started = await running(client, next);
  expect(started.status.hostName).toBe('one');
  await eventually(
    'the old container to be removed',
    async () => (await containersOf(stage.engine, moved)).length === 0,
    () => containersOf(stage.engine, moved),
  );
  expect(await whenOn(stage.engine, 'die', old)).toBeLessThan(
    await whenOn(stage.engine, 'start', started.status.attempts[0]?.containerId ?? ''),
  );

  const back = await reached(client, stays, 'waiting for nothing', (status) => status.waiting === null);
  expect(back.status).toMatchObject({ phase: 'running', restarts: 0 });
  expect(back.status.attempts).toHaveLength(1);
  expect(await startsOf(stage.engine, stays)).toBe(1);
  const last = (await client.getRun(moved.metadata.id)).status;
  expect(last).toMatchObject({ phase: 'running', hostName: 'two', restarts: 0 });
  expect(await startsOf(engineOfTwo, moved)).toBe(1);
  for (const run of [moved, stays, next]) await client.killRun(run.metadata.id);
  await Promise.all([moved, stays, next].map((run) => client.waitRun(run.metadata.id)));

  const attempts = await bytesOfAttempts(moved);
  expect([...attempts.keys()]).toEqual([1, 2]);
  expectCounted(attempts.get(1), 'tick');
  expectCounted(attempts.get(2), 'tick');
  expectCounted((await bytesOfAttempts(stays)).get(1), 'tock');
});

it('an agent that hangs for so long that its host is lost lets the old container go as soon as it runs again', async () => {
  const [engine, other] = [stage.engine, engineOfTwo];
  await two.stop();
  const run = await running(client, await client.createRun(sh(ticking('tick'), { onHostLost: 'replace' }), { name: 'hung' }));
  expect(run.status.hostName).toBe('one');
  await two.start();
  one.freeze();
  await hostIs(client, one, 'lost');
  await reached(client, run, 'running on the other host', ({ phase, hostName }) => phase === 'running' && hostName === 'two', 60_000);
  one.thaw();
  await hostIs(client, one, 'ready');
  await eventually(
    'the old container to be removed',
    async () => (await containersOf(engine, run)).length === 0,
    () => containersOf(engine, run),
    60_000,
  );
  const { status } = await client.getRun(run.metadata.id);
  expect(status).toMatchObject({ phase: 'running', hostName: 'two' });
  expect((await containersOf(other, run)).map(({ State }) => State)).toEqual(['running']);
  await client.killRun(run.metadata.id);
  expect((await client.waitRun(run.metadata.id)).status.phase).toBe('exited');
});

it('a run that is fenced is stopped by its own agent before it is replaced; back in time, it goes on where it was', async () => {
  // It ends at once when it is told to: its grace period is the time that its agent has to dial again, whose longest pause is 10 s.
  const limits = { selfFence: true, stopGracePeriodSeconds: 10, hostLostAfterSeconds: 28 };
  const spec = sh(`trap "exit 143" TERM; ${ticking('tick')}`, { onHostLost: 'replace', ...limits });
  await two.stop();
  const run = await running(client, await client.createRun(spec, { name: 'fenced' }));
  expect(run.status.hostName).toBe('one');
  await two.start();
  const stateOnOne = async () => (await containersOf(stage.engine, run))[0]?.State;
  link.cut();
  await eventually('its agent to stop it', async () => (await stateOnOne()) === 'exited', stateOnOne, 60_000);
  expect((await client.getRun(run.metadata.id)).status.attempts).toHaveLength(1);
  link.mend();
  const again = await reached(
    client,
    run,
    'running again',
    ({ phase, restarts }) => phase === 'running' && restarts === 1,
    60_000,
    () => logsOf(one),
  );
  expect(again.status.attempts).toMatchObject([{ number: 1, hostName: 'one', exits: [{ reason: 'self-fenced' }] }]);

  link.cut();
  const moved = await reached(client, run, 'on the other host', ({ hostName, phase }) => hostName === 'two' && phase === 'running', 90_000);
  expect(await stateOnOne()).toBe('exited');
  expect(moved.status.attempts).toMatchObject([{ phase: 'lost' }, { phase: 'running' }]);
  link.mend();
  await hostIs(client, one, 'ready');
  await client.killRun(run.metadata.id);
  expect((await client.waitRun(run.metadata.id)).status.phase).toBe('exited');
  expect(await stateOnOne()).toBe('exited');
});
