/** A command in a run's container, and looks at it, over REST: on a real engine, from either of two replicas. */
import { changesSchema, engineViewSchema, processesSchema } from '@berth/shared/http/container';
import { OLDEST_PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import { type BerthClient, createClient, problemFrom } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startReplica } from '../support/replica.ts';
import { type FaultStage, openFaultStage, sh } from './fault-stage.ts';
import { enrolHost, ProtocolAgent, phaseReport } from './protocol-agent.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;
/** Runs until it is stopped. */
let id: string;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine });
  const run = await client.createRun(sh('echo kept > /kept; rm /bin/vi; exec sleep 3600', { env: { COLOUR: 'blue' } }));
  id = run.metadata.id;
  await client.waitRun(id, 'running');
});
afterAll(async () => {
  await stage?.close();
});

const path = (what: string, of = id) => `${client.base}/runs/${of}/${what}`;
const get = async (what: string, of = id) => JSON.parse((await client.send('GET', path(what, of))).text);

describe('a command in a container', () => {
  it('has its arguments as they are, its environment, folder and user, and gives its streams and its code', async () => {
    const done = await client.exec(id, ['sh', '-c', 'echo "$COLOUR $SIZE $(pwd) $(id -u) $1"; echo bad >&2; exit 3', '-', 'a  b'], {
      env: { SIZE: 'small' },
      workingDir: '/tmp',
      user: '1000',
    });
    expect(done).toMatchObject({
      exitCode: 3,
      timedOut: false,
      encoding: 'text',
      stdout: { data: 'blue small /tmp 1000 a  b\n' },
      stderr: { data: 'bad\n' },
    });
  });

  it('reads what is given to it to its end, and bytes pass as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 7) % 256));
    const done = await client.exec(id, ['cat'], { stdin: bytes.toString('base64'), encoding: 'base64' });
    expect(Buffer.from(done.stdout.data, 'base64').equals(bytes)).toBe(true);
    expect(done).toMatchObject({ exitCode: 0, stdout: { bytes: 100_000, truncated: false } });
  });

  it('that writes very much is read to its end and cut', async () => {
    const done = await client.exec(id, ['head', '-c', '5000000', '/dev/zero'], { encoding: 'base64' });
    expect(done).toMatchObject({ exitCode: 0, stdout: { bytes: 5_000_000, truncated: true } });
    expect(Buffer.from(done.stdout.data, 'base64')).toHaveLength(1024 * 1024);
  });

  it('that is not there or cannot be executed has 127 or 126, as the engine has it, with its words', async () => {
    const missing = await client.exec(id, ['no-such-program']);
    // Docker Engine 20.10 has 126 for both.
    expect([126, 127]).toContain(missing.exitCode);
    expect(missing.stdout.data + missing.stderr.data).toContain('no-such-program');
    expect(await client.exec(id, ['/kept'])).toMatchObject({ exitCode: 126 });
  });

  it('is left when its time is up, and it is said whether it goes on', async () => {
    const done = await client.exec(id, ['sh', '-c', 'echo begun; exec sleep 1000'], { timeoutSeconds: 1 });
    expect(done).toMatchObject({ exitCode: null, timedOut: true, stdout: { data: 'begun\n' } });
    const listed = async () => (await client.exec(id, ['ps'])).stdout.data.includes('sleep 1000');
    await eventually('the list to be as was said', async () => (await listed()) === done.stillRunning, listed);
  });

  it('is refused in a run that does not run, which says why, and with input that cannot be', async () => {
    const { metadata } = await client.createRun(sh('exit 0'));
    await client.waitRun(metadata.id);
    expect(await problemFrom(client.exec(metadata.id, ['true']))).toMatchObject({
      status: 409,
      detail: 'The run is exited, and a command needs a container that runs.',
    });
    expect(await problemFrom(client.exec(id, []))).toMatchObject({ status: 400, errors: [{ path: 'command' }] });
    expect(await problemFrom(client.exec(id, ['cat'], { stdin: 'é', encoding: 'base64' }))).toMatchObject({
      status: 400,
      errors: [{ path: 'stdin' }],
    });
    expect(await problemFrom(client.exec(id, ['cat'], { workingDir: 'tmp' }))).toMatchObject({
      status: 400,
      errors: [{ path: 'workingDir' }],
    });
  });

  it('is an event that says who ran it', async () => {
    await client.exec(id, ['echo', 'noticed']);
    const { items } = await get('events');
    expect(items.findLast(({ type }: { type: string }) => type === 'run.exec')?.data).toMatchObject({ command: 'echo noticed' });
  });
});

describe('a look at a container', () => {
  it('shows its processes, also a thousand of them', async () => {
    expect(processesSchema.parse(await get('processes')).rows.flat()).toContain('sleep 3600');
    const many = await client.createRun(
      sh('i=0; while [ $i -lt 1000 ]; do sleep 3600 & i=$((i+1)); done; echo forked; wait', { stopSignal: 'SIGKILL' }),
    );
    const forked = many.metadata.id;
    await eventually('all processes', async () => (await client.logs(forked)).includes('forked'));
    const { total, rows } = processesSchema.parse(await get('processes', forked));
    expect(total).toBeGreaterThan(1000);
    expect(rows).toHaveLength(total);
    await client.killRun(forked);
    expect((await client.waitRun(forked)).status.reason).toBe('killed');
    expect((await client.send('GET', path('processes', forked))).status).toBe(409);
  });

  it('is cut and counted where what it shows is very long, and the host keeps its link', async () => {
    const part = 'd'.repeat(240);
    const folder = `/${part}/${part}/${part}/${part}`;
    const files = `mkdir -p ${folder}; cd ${folder}; i=0; while [ $i -lt 5500 ]; do : > f$i; i=$((i+1)); done`;
    const words = `a=$(head -c 100000 /dev/zero | tr '\\0' x); i=0; while [ $i -lt 60 ]; do sh -c 'sleep 3600; :' $a & i=$((i+1)); done`;
    const { metadata } = await client.createRun(sh(`${files}; ${words}; echo long; wait`, { stopSignal: 'SIGKILL' }));
    await eventually('files and processes', async () => (await client.logs(metadata.id)).includes('long'));
    const changes = changesSchema.parse(await get('changes', metadata.id));
    expect(changes.total).toBeGreaterThan(5500);
    expect(changes.entries.length).toBeGreaterThan(1000);
    expect(changes.entries.length).toBeLessThan(5000);
    const processes = processesSchema.parse(await get('processes', metadata.id));
    expect(processes.total).toBeGreaterThan(60);
    expect(processes.rows.length).toBeLessThan(processes.total);
    expect(await client.exec(metadata.id, ['true'])).toMatchObject({ exitCode: 0 });
    await client.killRun(metadata.id);
  });

  it('shows the files that differ from its image, and what the engine has, also after its end', async () => {
    const { metadata } = await client.createRun(sh('echo new > /new; rm /bin/vi'));
    await client.waitRun(metadata.id);
    const { entries } = changesSchema.parse(await get('changes', metadata.id));
    expect(entries).toContainEqual({ path: '/new', kind: 'added' });
    expect(entries).toContainEqual({ path: '/bin/vi', kind: 'deleted' });
    const { engine } = engineViewSchema.parse(await get('inspect', metadata.id));
    expect(engine).toMatchObject({ Name: expect.stringContaining('att_'), State: { Status: 'exited', ExitCode: 0 } });
  });
});

describe('a replica that does not hold the session of the host', () => {
  it('has the one that does make the call', async () => {
    const replica = await startReplica(stage.berth);
    try {
      const other = createClient({ ...client.account, url: replica.url });
      expect(await other.exec(id, ['echo', 'from afar'])).toMatchObject({ exitCode: 0, stdout: { data: 'from afar\n' } });
      expect((await problemFrom(other.exec(id, []))).status).toBe(400);
    } finally {
      await replica.process.stop();
    }
  });
});

describe('a host that cannot answer', () => {
  it('because its engine goes away during a command, says so and does not wait for it', async () => {
    const going = problemFrom(client.exec(id, ['sh', '-c', 'touch /begun; exec sleep 3600'], { timeoutSeconds: 600 }));
    await eventually('the command to run', async () => (await client.exec(id, ['ls', '/'])).stdout.data.includes('begun'));
    await stage.engine.stop();
    try {
      expect(await going).toMatchObject({ status: 503, detail: expect.stringContaining('engine') });
    } finally {
      await stage.engine.start();
    }
    await eventually('the engine to be back', async () => (await client.send('GET', path('inspect'))).status === 200);
  });

  it('is said to be away where its agent is', async () => {
    await agent.stop();
    const problem = await problemFrom(client.exec(id, ['true']));
    expect(problem).toMatchObject({ status: 503, detail: expect.stringContaining('is not connected') });
    await agent.start();
    await eventually('the agent to be back', async () => (await client.exec(id, ['true'])).exitCode === 0);
  });

  it('is said to be too old where its agent speaks the version before', async () => {
    const tenant = await stage.berth.tenant('old-agents');
    const host = await enrolHost(tenant, 'old');
    const present = new ProtocolAgent(host);
    await eventually('the agent to have the whole set', () => present.said('assign').length > 0);
    const { metadata } = await tenant.createRun({ image: 'hello-world', volumes: [{ volume: 'old-data', target: '/data' }] });
    const attempt = await present.attemptOf(metadata.id);
    await present.report({ phases: [phaseReport(attempt, 'running', { containerId: 'c1' })] });
    present.close();
    // Somebody went back to it, with a run that only the present version would have been given.
    const old = new ProtocolAgent(host, { protocol: OLDEST_PROTOCOL_VERSION });
    try {
      await eventually('the older agent to have the whole set', () => old.said('assign').length > 0);
      const volumes = await tenant.send('GET', `${tenant.base}/volumes?name=old-data`);
      const [volume] = JSON.parse(volumes.text).items;
      const refused = await tenant.send('POST', `${tenant.base}/volumes/${volume.metadata.id}/measure`);
      expect(refused.status).toBe(409);
      expect(JSON.parse(refused.text).detail).toContain('update it');
    } finally {
      old.close();
    }
  });
});
