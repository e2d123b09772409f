/** What the routes say once there is a host: ports that are held, ends that were asked for, logs, and a host that leaves. */
import { problemSchema } from '@berth/shared/errors/problem';
import { logLineSchema } from '@berth/shared/http/lists';
import { runSchema } from '@berth/shared/model/run';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { SimulatedEngine, type Timeline } from '../fakes/simulated-engine.ts';
import { enrolSimulatedHost } from '../fakes/simulated-identity.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';

let berth: Berth;
let client: BerthClient;
const agents: SimulatedAgent[] = [];

const TEXT = 'first\nsecond\n';
const timeline = (rest: Partial<Timeline>): Timeline => ({
  pullMs: 0,
  createMs: 0,
  startMs: 0,
  output: [],
  runMs: 0,
  exitCode: 0,
  onStop: 'exits',
  ...rest,
});
const write = (text: string, stream: 'stdout' | 'stderr' = 'stdout', atMs = 0) => ({ atMs, stream, data: Buffer.from(text) });

async function addHost(name: string): Promise<SimulatedAgent> {
  const { token } = await client.createJoinToken();
  const engine = new SimulatedEngine({
    behaviour: ({ image }) =>
      image.startsWith('server') ? timeline({ runMs: null }) : timeline({ output: [write(TEXT), write('oops\n', 'stderr')] }),
  });
  const agent = new SimulatedAgent(berth.url, await enrolSimulatedHost({ url: berth.url, joinToken: token, name, engine }));
  agents.push(agent);
  await eventually(
    `${name} to be ready`,
    async () => (await client.getHost(agent.host.identity.hostId)).status.state === 'ready',
    () => client.getHost(agent.host.identity.hostId),
  );
  return agent;
}

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  await addHost('web-1');
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  await berth?.stop();
});

test('a run is waited for to its end, and its log is there in full: as bytes, by stream, and with cursors', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const run = await client.waitRun(id);
  expect(run.status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0, hostName: 'web-1', waiting: null });
  expect(run.status.attempts).toMatchObject([{ number: 1, hostName: 'web-1', phase: 'exited' }]);
  expect(await client.logs(id, '?stream=stdout')).toBe(TEXT);
  expect(await client.logs(id, '?stream=stderr')).toBe('oops\n');
  expect((await client.logs(id, '?follow=true')).length).toBe(TEXT.length + 'oops\n'.length);

  const answer = await client.send('GET', `${client.base}/runs/${id}/logs?stream=stdout`, undefined, { accept: 'application/x-ndjson' });
  expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
  const lines = answer.text
    .trim()
    .split('\n')
    .map((line) => logLineSchema.parse(JSON.parse(line)));
  expect(Buffer.concat(lines.map((line) => Buffer.from(line.data, 'base64'))).toString()).toBe(TEXT);
  const [first] = lines;
  expect(await client.logs(id, `?stream=stdout&after=${(first?.position ?? 0) + 6}`)).toBe(TEXT.slice(6));
});

test('a log is followed while it is written', async () => {
  const { id } = (await client.createRun({ image: 'server' })).metadata;
  await client.waitRun(id, 'running');
  const following = client.logs(id, '?follow=true');
  const container = [...(agents[0]?.host.engine.containers.values() ?? [])].at(-1);
  container?.output.stdout.append(Buffer.from('written later\n'));
  await client.stopRun(id);
  expect(await following).toContain('written later\n');
});

test('a stop is asked for once, however often it is said, and a kill is stronger', async () => {
  const { id } = (await client.createRun({ image: 'server' })).metadata;
  await client.waitRun(id, 'running');
  const stopped = runSchema.parse(JSON.parse((await client.stopRun(id)).text));
  expect(stopped.status.desired).toBe('stop');
  await client.stopRun(id);
  const run = await client.waitRun(id);
  expect(run.status).toMatchObject({ phase: 'exited', signal: 'SIGTERM' });
  const events = JSON.parse((await client.send('GET', `${client.base}/runs/${id}/events`)).text).items;
  expect(events.filter((event: { type: string }) => event.type === 'run.requested')).toHaveLength(1);
  expect((await client.killRun(id)).status).toBe(200);
});

test('an active run that is deleted by force is killed on its host, and its container removed', async () => {
  const { id } = (await client.createRun({ image: 'server' }, { name: 'forced' })).metadata;
  const { attempts } = (await client.waitRun(id, 'running')).status;
  expect((await problemFrom(client.deleteRun(id))).code).toBe('conflict');
  expect((await client.deleteRun(id, true)).status).toBe(204);
  expect((await problemFrom(client.getRun(id))).status).toBe(404);
  const { containers } = agents[0]?.host.engine ?? { containers: new Map() };
  await eventually(
    'the container to be removed',
    () => !containers.has(attempts[0]?.id ?? ''),
    () => [...containers.keys()],
  );
});

test('a host port that is held on every host is refused, with its holder and a free one', async () => {
  const ports = [{ containerPort: 80, hostPort: 18_080 }];
  const holder = await client.createRun({ image: 'server', ports }, { name: 'holder' });
  await client.waitRun(holder.metadata.id, 'running');
  const answer = await client.send('POST', `${client.base}/runs`, { spec: { image: 'server', ports } });
  expect(answer.status).toBe(409);
  const problem = problemSchema.parse(JSON.parse(answer.text));
  expect(problem).toMatchObject({
    code: 'host-port-taken',
    holder: { runId: holder.metadata.id, runName: 'holder', hostName: 'web-1' },
    freeHostPort: 18_081,
  });
  expect(problem.detail).toContain('Host port 18080/tcp is held by run "holder" on host "web-1"');
  // The other protocol is another port.
  const udp = await client.createRun({ image: 'server', ports: [{ containerPort: 80, hostPort: 18_080, protocol: 'udp' }] });
  // The port is free again once its holder has ended.
  await client.stopRun(holder.metadata.id);
  await client.waitRun(holder.metadata.id);
  const next = await client.createRun({ image: 'server', ports });
  expect((await client.waitRun(next.metadata.id, 'running')).status.phase).toBe('running');
  for (const run of [udp, next]) await client.deleteRun(run.metadata.id, true);
});

test('a host that is removed loses its runs, and its agent is refused', async () => {
  const leaving = await addHost('web-2');
  const { hostId } = leaving.host.identity;
  // One host port on two runs: one of them is on each host.
  const ports = [{ containerPort: 80, hostPort: 19_000 }];
  const made = await Promise.all(Array.from({ length: 2 }, () => client.createRun({ image: 'server', ports })));
  const running = await Promise.all(made.map((run) => client.waitRun(run.metadata.id, 'running')));
  const there = running.filter((run) => run.status.hostId === hostId);
  expect(there).toHaveLength(1);
  expect((await client.send('DELETE', `${client.base}/hosts/${hostId}`)).status).toBe(204);
  for (const { metadata } of there) {
    const { status } = await client.waitRun(metadata.id);
    expect(status).toMatchObject({ phase: 'lost', reason: 'host-removed', waiting: null, hostName: 'web-2' });
    expect(status.attempts).toMatchObject([{ phase: 'lost' }]);
  }
  await eventually(
    'the agent to be refused',
    () => leaving.refusal,
    () => ({ connected: leaving.connected }),
  );
  expect(leaving.refusal?.code).toBe('unknown-host');
  expect((await client.listHosts()).items.map((host) => host.metadata.name)).toEqual(['web-1']);
});
