/** Named volumes on real engines: data outlives its run, placement follows it, and it goes out to a file and in from one. */
import { eventPageSchema } from '@berth/shared/events/event';
import { pageSchema } from '@berth/shared/http/lists';
import { restoredSchema } from '@berth/shared/http/volumes';
import { engineVolumeName, type Volume, volumeSchema } from '@berth/shared/model/volume';
import { TarScanner } from '@berth/shared/protocol/tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import { type BerthClient, problemFrom, type Run, type RunSpecInput } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { containersOf, dockerOf, ended, type FaultStage, hostIs, openFaultStage, printed, reached, running, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let other: Engine;
let web1: Agent;
let web2: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  other = await startEngine({ mirror: stage.mirror.url });
  web1 = await stage.berth.startAgent({ engine: stage.engine, name: 'web-1' });
  web2 = await stage.berth.startAgent({ engine: other, name: 'web-2' });
});
afterAll(async () => {
  await stage?.close();
  await other?.destroy();
});

const engineOf = (hostId: string | null): Engine => (hostId === web1.hostId ? stage.engine : other);
const agentOf = (hostId: string | null): Agent => (hostId === web1.hostId ? web1 : web2);
const volumes = `/v1/workspaces/default/volumes`;

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await client.send(method, `${volumes}${path}`, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text === '' ? null : JSON.parse(answer.text);
}
async function named(name: string): Promise<Volume> {
  const { items } = pageSchema(volumeSchema).parse(await ask('GET', `?name=${name}`));
  const found = items.find(({ metadata }) => metadata.name === name);
  if (!found) throw new Error(`there is no volume ${name}: ${JSON.stringify(items)}`);
  return found;
}
const remove = (id: string) => client.send('DELETE', `${volumes}/${id}`);
const raw = (method: string, path: string, body?: Uint8Array<ArrayBuffer>, type = 'application/gzip') =>
  fetch(`${client.account.url}${volumes}${path}`, {
    method,
    headers: { authorization: `Bearer ${client.account.token}`, ...(body && { 'content-type': type }) },
    body,
  });
const withVolume = (script: string, volume: string, rest: Partial<RunSpecInput> = {}): RunSpecInput =>
  sh(script, { volumes: [{ volume, target: '/data' }], ...rest });
const isOnEngine = async (engine: Engine, id: string) =>
  (await dockerOf(engine).listVolumes()).Volumes.some(({ Name }) => Name === engineVolumeName(id));
/** A run that is over well, and what it wrote. */
async function done(spec: RunSpecInput): Promise<{ run: Run; text: string }> {
  const run = await ended(client, await client.createRun(spec));
  const text = await client.logs(run.metadata.id);
  expect(run.status, text).toMatchObject({ phase: 'exited', exitCode: 0 });
  return { run, text };
}

describe('the data of a volume', () => {
  it('outlives its run, and the next run that has it is placed where it lies, whatever else is freer', async () => {
    const first = await done(withVolume('echo kept > /data/file', 'kept'));
    const volume = await named('kept');
    expect(volume.status).toMatchObject({ hostId: first.run.status.hostId, hostName: first.run.status.hostName, users: [] });
    for (let turn = 0; turn < 3; turn++) {
      const { run, text } = await done(withVolume('cat /data/file', 'kept'));
      expect([run.status.hostId, text]).toEqual([volume.status.hostId, 'kept\n']);
    }
    // Read-only is that.
    const refused = await ended(
      client,
      await client.createRun(sh('echo x > /data/file', { volumes: [{ volume: 'kept', target: '/data', readOnly: true }] })),
    );
    expect(refused.status.exitCode).toBe(1);
    const { items } = eventPageSchema.parse(await ask('GET', `/${volume.metadata.id}/events`));
    const told = items.flatMap((event) => (event.type === 'volume.changed' ? event.data.change : []));
    expect(told.slice(0, 2)).toEqual(['created', 'bound']);
    const inspected = JSON.parse((await client.send('GET', `${client.base}/runs/${first.run.metadata.id}/inspect`)).text);
    expect(inspected.settings).toContainEqual({
      section: 'storage',
      name: '/data',
      asked: 'volume kept',
      has: 'volume kept',
      drift: false,
    });
  });

  it('goes with one host where many runs that have it come at once', async () => {
    const runs = await Promise.all(
      Array.from({ length: 8 }, (_, n) => client.createRun(withVolume(`echo ${n} > /data/${n}; sleep 0.2`, 'shared'))),
    );
    const hosts = new Set((await Promise.all(runs.map((run) => ended(client, run)))).map(({ status }) => status.hostId));
    expect(hosts.size).toBe(1);
    const { text } = await done(withVolume('ls /data | wc -l', 'shared'));
    expect(text.trim()).toBe('8');
  });

  it('is waited for while its host is away, says so, and is there when the host is back', async () => {
    const { run } = await done(withVolume('echo away > /data/file', 'away'));
    const agent = agentOf(run.status.hostId);
    await agent.kill();
    await hostIs(client, agent, 'not-ready');
    const waits = await client.createRun(withVolume('cat /data/file', 'away'));
    const { status } = await reached(client, waits, 'waiting for its host', ({ waiting }) => waiting?.reason === 'waiting-for-host');
    expect(status.waiting?.message).toContain(`waiting for host ${agent.name}`);
    const volume = await named('away');
    expect(volume.status.message).toContain(`lies on ${agent.name}, which is not ready`);
    const placement = JSON.parse((await client.send('GET', `${client.base}/runs/${waits.metadata.id}/placement`)).text);
    expect(JSON.stringify(placement.hosts)).toContain(`does not have its data (volume away lies on ${agent.name})`);
    await agent.start();
    expect((await ended(client, waits)).status.exitCode).toBe(0);
    expect(await client.logs(waits.metadata.id)).toBe('away\n');
  });

  it('may be put on a host beforehand; one that is not there, a name that is taken and a target that is named twice are refused', async () => {
    const volume = await client.createVolume('on-two', 'web-2');
    expect(volume.status).toMatchObject({ hostId: web2.hostId, hostName: 'web-2' });
    expect((await done(withVolume('true', 'on-two'))).run.status.hostId).toBe(web2.hostId);
    const nowhere = await client.send('POST', volumes, { metadata: { name: 'x' }, spec: { host: 'web-9' } });
    expect([nowhere.status, JSON.parse(nowhere.text).errors[0].path]).toEqual([400, 'spec.host']);
    const taken = await client.send('POST', volumes, { metadata: { name: 'on-two' } });
    expect([taken.status, JSON.parse(taken.text).code]).toEqual([409, 'conflict']);
    const twice = [
      { volume: 'a', target: '/data' },
      { volume: 'b', target: '/data/' },
    ];
    const problem = await problemFrom(client.createRun(sh('true', { volumes: twice })));
    expect(problem.errors?.[0]).toMatchObject({ path: 'spec.volumes.1.target', message: '/data is named twice' });
  });
});

describe('a volume that is deleted', () => {
  it('is refused while a run has it, by name; then it is gone on its host too, with the ended containers that had it', async () => {
    const run = await running(client, await client.createRun(withVolume('exec sleep 3600', 'going'), { name: 'holder' }));
    const volume = await named('going');
    expect(volume.status.users).toEqual([{ runId: run.metadata.id, name: 'holder', phase: 'running' }]);
    const refused = await remove(volume.metadata.id);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text).detail).toBe('The volume is used by the run "holder": stop it first.');
    await client.killRun(run.metadata.id);
    await ended(client, run);
    const engine = engineOf(volume.status.hostId);
    expect(await containersOf(engine, run)).toHaveLength(1);
    expect((await remove(volume.metadata.id)).status).toBe(204);
    expect((await client.send('GET', `${volumes}/${volume.metadata.id}`)).status).toBe(404);
    await eventually('the volume to be gone on its host', async () => !(await isOnEngine(engine, volume.metadata.id)));
    // Its name is free, and means another one.
    const { text } = await done(withVolume('ls /data', 'going'));
    expect(text).toBe('');
  });

  it('while its host is away, is removed there when the host is back', async () => {
    const { run } = await done(withVolume('echo x > /data/file', 'later'));
    const volume = await named('later');
    const [agent, engine] = [agentOf(run.status.hostId), engineOf(run.status.hostId)];
    await agent.kill();
    await hostIs(client, agent, 'not-ready');
    expect((await remove(volume.metadata.id)).status).toBe(204);
    expect(await isOnEngine(engine, volume.metadata.id)).toBe(true);
    await agent.start();
    await eventually('the volume to be gone on its host', async () => !(await isOnEngine(engine, volume.metadata.id)));
  });

  it('by somebody on its host is missed, and is empty for the next run', async () => {
    const { run } = await done(withVolume('echo x > /data/file', 'stolen'));
    const volume = await named('stolen');
    const measured = volumeSchema.parse(await ask('POST', `/${volume.metadata.id}/measure`));
    expect(measured.status.sizeBytes).toBeGreaterThan(0);
    const docker = dockerOf(engineOf(run.status.hostId));
    for (const { Id } of await containersOf(engineOf(run.status.hostId), run)) await docker.getContainer(Id).remove({ force: true });
    await docker.getVolume(engineVolumeName(volume.metadata.id)).remove();
    const missed = volumeSchema.parse(await ask('POST', `/${volume.metadata.id}/measure`));
    expect(missed.status.message).toContain(`is no longer on ${volume.status.hostName}: somebody removed it there`);
    const { text } = await done(withVolume('ls /data', 'stolen'));
    expect(text).toBe('');
  });
});

describe('a backup', () => {
  const FILES = 'mkdir -p /data/inner; echo one > /data/one; echo two > "/data/inner/ü x"; ln -s one /data/link; chmod 640 /data/one';
  const LOOK = 'cd /data; find . | sort; cat one "inner/ü x" link; stat -c %a one';
  const names = (tar: Uint8Array) => {
    const found: string[] = [];
    const scanner = new TarScanner({ entry: ({ name }) => void found.push(name) });
    scanner.push(tar);
    expect(scanner.ended).toBe(true);
    return found;
  };

  it('of a volume, restored into another one on another host, gives the same files; both compressed and not', async () => {
    await client.createVolume('original', 'web-1');
    const { text } = await done(withVolume(`${FILES}; ${LOOK}`, 'original'));
    const original = await named('original');
    const zipped = await raw('GET', `/${original.metadata.id}/backup`);
    expect([zipped.status, zipped.headers.get('content-type')]).toEqual([200, 'application/gzip']);
    expect(zipped.headers.get('content-disposition')).toContain('original.tar.gz');
    const plain = await raw('GET', `/${original.metadata.id}/backup?format=tar`);
    const [gz, tar] = [Buffer.from(await zipped.arrayBuffer()), Buffer.from(await plain.arrayBuffer())];
    expect(names(tar)).toContain('./one');
    expect(gz.length).toBeLessThan(tar.length);
    for (const [name, body] of Object.entries({ 'from-gz': gz, 'from-tar': tar })) {
      const copy = await client.createVolume(name, 'web-2');
      const restored = await raw('PUT', `/${copy.metadata.id}/restore`, Uint8Array.from(body), 'application/octet-stream');
      const answer = await restored.text();
      expect(restored.status, answer).toBe(200);
      expect(restoredSchema.parse(JSON.parse(answer))).toEqual({ bytes: body.length, entries: names(tar).length });
      const after = await done(withVolume(LOOK, name));
      expect([after.run.status.hostId, after.text]).toEqual([web2.hostId, text]);
    }
    // Nothing is left of what held the volumes for it.
    for (const engine of [stage.engine, other]) {
      await eventually('no container to hold a volume', async () => {
        const held = await dockerOf(engine).listContainers({ all: true, filters: { label: ['berth.volume'] } });
        return held.length === 0;
      });
    }
  });

  it('is not restored under a run that has the volume mounted, unless it is forced to; what is no backup is refused', async () => {
    const run = await client.createRun(withVolume('echo old > /data/file; echo ready; exec sleep 3600', 'mounted'));
    await printed(client, run, 'ready');
    const { metadata } = await named('mounted');
    const backup = Uint8Array.from(Buffer.from(await (await raw('GET', `/${metadata.id}/backup`)).arrayBuffer()));
    await client.exec(run.metadata.id, ['sh', '-c', 'echo new > /data/file']);
    const refused = await raw('PUT', `/${metadata.id}/restore`, backup);
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('has the volume mounted');
    expect((await raw('PUT', `/${metadata.id}/restore?force=true`, backup)).status).toBe(200);
    expect((await client.exec(run.metadata.id, ['cat', '/data/file'])).stdout.data).toBe('old\n');
    const broken = await raw('PUT', `/${metadata.id}/restore?force=true`, backup.slice(0, -20));
    expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('no whole .tar.gz')]);
    const noTar = await raw('PUT', `/${metadata.id}/restore?force=true`, Uint8Array.from(Buffer.alloc(2048, 'x')), 'application/x-tar');
    expect(noTar.status).toBe(400);
    const nowhere = await client.createVolume('nowhere');
    const unbound = await raw('GET', `/${nowhere.metadata.id}/backup`);
    expect([unbound.status, await unbound.text()]).toEqual([409, expect.stringContaining('not on any host yet')]);
    await client.killRun(run.metadata.id);
  });

  it('that is cut off by an agent that was killed can be made again, and leaves nothing behind', async () => {
    await client.createVolume('cut', 'web-1');
    await done(withVolume('dd if=/dev/urandom of=/data/big bs=1M count=64 2>/dev/null', 'cut'));
    const { metadata } = await named('cut');
    const first = await raw('GET', `/${metadata.id}/backup?format=tar`);
    const reader = first.body?.getReader();
    await reader?.read();
    await web1.kill();
    const broke = (async () => {
      while (reader && !(await reader.read()).done);
    })();
    await expect(broke).rejects.toThrow();
    // Its host counts as ready for a moment longer than its link lasted.
    await hostIs(client, web1, 'not-ready');
    await web1.start();
    const again = await raw('GET', `/${metadata.id}/backup?format=tar`);
    expect((await again.arrayBuffer()).byteLength).toBeGreaterThan(64 * 2 ** 20);
    await eventually('no container to hold a volume', async () => {
      const held = await dockerOf(stage.engine).listContainers({ all: true, filters: { label: ['berth.volume'] } });
      return held.length === 0;
    });
  });
});

it('a workspace may want its volumes to be made on purpose', async () => {
  const settings = `${client.base}/settings`;
  expect((await client.send('PATCH', settings, { volumes: { madeByRuns: false } })).status).toBe(200);
  const problem = await problemFrom(client.createRun(withVolume('true', 'mistyped')));
  expect(problem.errors?.[0]?.path).toBe('spec.volumes.0.volume');
  expect((await client.send('PATCH', settings, { volumes: { madeByRuns: true } })).status).toBe(200);
});
