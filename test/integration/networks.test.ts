/**
 * The private network of a workspace, tried out with real containers on a real engine that filters packets as engines do: what is reached
 * by name, what is not reached at all, and that it comes back where somebody removed it.
 */
import { join } from 'node:path';
import { SERVICE_LABEL, workspaceNetwork } from '@berth/shared/model/workspace-network';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEngine } from '../../scripts/parts/engine.ts';
import { type HostSpace, openHostSpace } from '../faults/host-space.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient, Run, RunSpecInput } from '../support/client.ts';
import type { Engine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';
import { containersOf, dockerOf, ended, printed, reached, running, sh as shell } from './fault-stage.ts';

/** In the network of its workspace. */
const sh: typeof shell = (script, rest) => shell(script, { network: 'workspace', ...rest });

let mirror: RegistryPart;
let berth: Berth;
let space: HostSpace;
let engine: Engine;
let docker: Docker;
/** Two workspaces, whose agents use one engine. */
let mine: BerthClient;
let theirs: BerthClient;

beforeAll(async () => {
  mirror = await startMirror();
  berth = await startBerth();
  space = await openHostSpace('apart', [berth.url], mirror.url);
  const folder = join(space.folder, 'engine');
  engine = await startEngine({ folder, network: space.bridge, mirror: space.toRegistry.url, sandbox: space.sandbox, filters: true });
  docker = dockerOf(engine);
  mine = berth.client;
  theirs = await berth.tenant('theirs');
  await berth.startAgent({ engine, name: 'mine', client: mine });
  await berth.startAgent({ engine, name: 'theirs', client: theirs });
});
afterAll(async () => {
  await berth?.stop();
  await engine?.destroy();
  await space?.destroy();
  await mirror?.stop();
});

/** Answers with a word to whoever connects. */
const serving = (word: string, rest: Partial<RunSpecInput> = {}): RunSpecInput =>
  sh(`mkdir /www; echo ${word} > /www/index.html; echo ready; exec httpd -f -p 80 -h /www`, rest);

async function serve(client: BerthClient, name: string, word: string, labels: Record<string, string> = {}): Promise<Run> {
  const run = await client.createRun(serving(word), { name, labels });
  await printed(client, run, 'ready');
  return run;
}

const ID = /^[0-9a-f]{64}$/;
async function addressOf(client: BerthClient, run: Run): Promise<string> {
  const { status } = await client.getRun(run.metadata.id);
  const { NetworkSettings } = await docker.getContainer(status.attempts.at(-1)?.containerId ?? '').inspect();
  const [address] = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
  if (!address) throw new Error(`${run.metadata.name} has no address`);
  return address;
}
const networkOf = async (client: BerthClient, run: Run): Promise<string> => {
  const { status } = await client.getRun(run.metadata.id);
  const { NetworkSettings } = await docker.getContainer(status.attempts.at(-1)?.containerId ?? '').inspect();
  return Object.keys(NetworkSettings.Networks).join(' ');
};

/** A container that looks around. */
async function open(
  client: BerthClient,
  rest: Partial<RunSpecInput> = {},
): Promise<(script: string) => Promise<{ code: number | null; text: string }>> {
  const run = await running(client, await client.createRun(sh('exec sleep 3600', rest), { name: 'looker' }));
  return async (script) => {
    const { exitCode, stdout, stderr } = await client.exec(run.metadata.id, ['sh', '-c', script]);
    return { code: exitCode, text: stdout.data + stderr.data };
  };
}
/** The last address that a name has for a container. The image has no library that resolves for its other programs. */
const resolved = (name: string) => `nslookup -type=a ${name} 127.0.0.11 | sed -n 's/^Address: //p' | tail -n 1`;
const asked = (name: string) => `timeout 3 wget -q -O - "http://$(${resolved(name)})/"`;

it('lets the runs of a workspace find one another by name, and nobody else', async () => {
  const [server, stranger] = await Promise.all([serve(mine, 'server', 'hello'), serve(theirs, 'server-2', 'theirs')]);
  expect(await networkOf(mine, server)).toMatch(/^berth-/);
  expect(await networkOf(mine, server)).not.toBe(await networkOf(theirs, stranger));
  const [look, spy] = await Promise.all([open(mine), open(theirs)]);

  const [address, other] = [await addressOf(mine, server), await addressOf(theirs, stranger)];
  expect((await look(resolved('server'))).text.trim()).toBe(address);
  expect(await look(asked('server'))).toEqual({ code: 0, text: 'hello\n' });
  expect(await look(`timeout 3 wget -q -O - http://${address}/`)).toEqual({ code: 0, text: 'hello\n' });

  // Neither by name nor by address, either way round.
  expect((await spy(resolved('server'))).text.trim()).toBe('');
  expect((await look(resolved('server-2'))).text.trim()).toBe('');
  const connected = await spy(`timeout 3 wget -q -O - http://${address}/`);
  expect(connected.code).not.toBe(0);
  expect(connected.text).not.toContain('hello');
  expect((await spy(`ping -c 1 -W 2 ${address}`)).code).toBe(1);
  expect((await look(`timeout 3 wget -q -O - http://${other}/`)).code).not.toBe(0);
  // It is no fault of the one that looks.
  expect(await spy(`timeout 3 wget -q -O - http://${other}/`)).toEqual({ code: 0, text: 'theirs\n' });
});

const plain = (script: RunSpecInput): RunSpecInput => ({ ...script, network: undefined });

it('leaves the default network of an engine to the first workspace there; runs of others that name none are in their own', async () => {
  const first = await mine.createRun(plain(serving('first')), { name: 'first' });
  const second = await theirs.createRun(plain(serving('second')), { name: 'second' });
  await Promise.all([printed(mine, first, 'ready'), printed(theirs, second, 'ready')]);
  expect(await networkOf(mine, first)).toBe('bridge');
  expect(await networkOf(theirs, second)).toMatch(/^berth-/);
  const hosts = await Promise.all(
    [mine, theirs].map(async (client) => (await client.listHosts()).items.map(({ status }) => status.sharesEngine)),
  );
  expect(hosts).toEqual([[false], [true]]);

  const [look, spy] = await Promise.all([open(mine, { network: undefined }), open(theirs, { network: undefined })]);
  const get = (address: string) => `timeout 3 wget -q -O - http://${address}/`;
  const [here, there] = [await addressOf(mine, first), await addressOf(theirs, second)];
  expect(await look(get(here))).toEqual({ code: 0, text: 'first\n' });
  expect(await spy(get(there))).toEqual({ code: 0, text: 'second\n' });
  expect((await look(get(there))).code).not.toBe(0);
  expect((await spy(get(here))).code).not.toBe(0);
  // It was Berth that chose: nothing of it differs from what was asked for.
  const { settings } = JSON.parse((await theirs.send('GET', `${theirs.base}/runs/${second.metadata.id}/inspect`)).text);
  expect(settings.filter(({ drift }: { drift: boolean }) => drift)).toEqual([]);
});

it('holds runs that name none, too, where their workspace wants it', async () => {
  expect((await mine.send('PATCH', `${mine.base}/settings`, { networks: { runs: 'workspace' } })).status).toBe(200);
  const run = await mine.createRun(plain(serving('sealed')), { name: 'sealed' });
  await printed(mine, run, 'ready');
  expect(await networkOf(mine, run)).toMatch(/^berth-/);
  expect((await mine.send('PATCH', `${mine.base}/settings`, { networks: { runs: 'engine' } })).status).toBe(200);
});

it('answers for a service with each of its replicas in turn, and stops to do so for one that has ended', async () => {
  const labels = { [SERVICE_LABEL]: 'shop' };
  const replicas = [await serve(mine, 'shop-1', 'one', labels), await serve(mine, 'shop-2', 'two', labels)];
  const look = await open(mine);
  const many = `for i in $(seq 20); do ${asked('shop')}; done`;
  const answers = new Set((await look(many)).text.trim().split('\n'));
  expect([...answers].sort()).toEqual(['one', 'two']);
  await mine.killRun(replicas[0]?.metadata.id ?? '');
  await ended(mine, replicas[0] as Run);
  expect(new Set((await look(many)).text.trim().split('\n'))).toEqual(new Set(['two']));
});

it('leaves published ports and the gateway to the host as they were', async () => {
  const run = await running(mine, await mine.createRun(serving('published', { ports: [{ containerPort: 80 }] })));
  const port = run.status.attempts.at(-1)?.ports[0]?.hostPort;
  const look = await open(mine, { extraHosts: { host: 'host-gateway' } });
  const gateway = (await look("sed -n 's/[[:space:]]host$//p' /etc/hosts")).text.trim();
  expect(gateway).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  await eventually(
    'the published port to answer',
    async () => (await look(`timeout 3 wget -q -O - http://${gateway}:${port}/`)).text === 'published\n',
  );
});

it('is made again where somebody removed it, also for a container that is started again', async () => {
  const client = await berth.tenant('pruned');
  await berth.startAgent({ engine, name: 'pruned', client });
  const first = await ended(client, await client.createRun(sh('true')));
  expect(first.status.exitCode).toBe(0);
  // It waits long enough before its fourth life for the network to be pruned, and stays in that.
  const lives = 'n=$(cat /lives || echo 0); echo $((n+1)) > /lives; [ $n -ge 3 ] || { sleep 1; exit 1; }; exec sleep 3600';
  const again = await client.createRun(sh(lives, { restart: { policy: 'on-failure' } }), { name: 'again' });
  await reached(client, again, 'between two lives', ({ restarts, phase }) => restarts === 3 && phase === 'restarting');
  const [info] = await containersOf(engine, again);
  const network = Object.keys(info?.NetworkSettings.Networks ?? {})[0] ?? '';
  const { Labels } = await docker.getNetwork(network).inspect();
  expect(network).toBe(workspaceNetwork(Labels?.['berth.workspace'] ?? ''));
  await docker.getNetwork(network).remove();
  await reached(client, again, 'alive again', ({ restarts, phase }) => restarts === 3 && phase === 'running');
  expect(await networkOf(client, again)).toBe(network);
  const look = await open(client);
  await eventually('its name to be found again', async () => (await look(resolved('again'))).text.trim() !== '');

  await client.killRun(again.metadata.id);
  for (const { metadata } of (await client.listRuns('?phase=running')).items) await client.killRun(metadata.id);
  await eventually('nothing to run any more', async () => (await client.listRuns('?phase=running,restarting,stopping')).items.length === 0);
  await docker.getNetwork(network).remove();
  expect((await ended(client, await client.createRun(sh('true')))).status.exitCode).toBe(0);
  expect((await docker.getNetwork(network).inspect()).Id).toMatch(ID);
});

it('that cannot be made now is waited for, and the run says so', async () => {
  const client = await berth.tenant('crowded');
  await berth.startAgent({ engine, name: 'crowded', client });
  const made: string[] = [];
  try {
    // Until the engine has no addresses left.
    await expect(
      (async () => {
        for (let n = 0; n < 100; n++) made.push((await docker.createNetwork({ Name: `crowd-${n}` })).id);
      })(),
    ).rejects.toThrow(/address pool/);
    const run = await client.createRun(sh('true'));
    const { status } = await reached(client, run, 'waiting for a network', ({ waiting }) => waiting?.reason === 'no-network');
    expect(status.waiting?.message).toContain('the network of the workspace cannot be made on the host: could not find an available');
    expect(status.waiting?.deadline).not.toBeNull();
    for (const id of made.splice(0)) await docker.getNetwork(id).remove();
    expect((await ended(client, run)).status.exitCode).toBe(0);
  } finally {
    for (const id of made) await docker.getNetwork(id).remove();
  }
});
