/** What was asked of a container beside what its engine has, and its files, over REST, on a real engine, from either of two replicas. */
import { createHash } from 'node:crypto';
import { engineViewSchema } from '@berth/shared/http/container';
import { filesSchema, uploadedSchema } from '@berth/shared/http/files';
import { TAR_END, TarScanner, tarHeader, tarPadding } from '@berth/shared/protocol/tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BerthClient } from '../support/client.ts';
import { startReplica } from '../support/replica.ts';
import { dockerOf, type FaultStage, openFaultStage, printed, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  await stage.berth.startAgent({ engine: stage.engine });
});
afterAll(async () => {
  await stage?.close();
});

describe('the settings of a container', () => {
  const settings = async (id: string) => {
    const answer = await client.send('GET', `${client.base}/runs/${id}/inspect`);
    expect(answer.status, answer.text).toBe(200);
    return engineViewSchema.parse(JSON.parse(answer.text)).settings;
  };

  it('are as asked, until somebody changes them on the host, past Berth', async () => {
    const { metadata } = await client.createRun(
      sh('exec sleep 3600', {
        resources: { memory: '64Mi', cpu: '250m', pids: 100 },
        env: { COLOUR: 'blue' },
        ports: [{ containerPort: 80 }],
        tmpfs: [{ path: '/tmp', size: '1Mi' }],
        extraHosts: { db: '10.0.0.1' },
        hostname: 'web',
        network: 'workspace',
        user: '0',
        workingDir: '/tmp',
        init: true,
      }),
    );
    const run = await client.waitRun(metadata.id, 'running');
    const before = await settings(metadata.id);
    expect(before.filter(({ drift }) => drift)).toEqual([]);
    expect(before).toContainEqual({ section: 'limits', name: 'memory', asked: '64Mi', has: '64Mi', drift: false });
    expect(before).toContainEqual({ section: 'environment', name: 'COLOUR', asked: 'blue', has: 'blue', drift: false });

    const docker = dockerOf(stage.engine);
    const attempt = run.status.attempts.at(-1);
    const container = docker.getContainer(attempt?.containerId ?? '');
    await container.update({ Memory: 128 * 2 ** 20, MemorySwap: 128 * 2 ** 20 });
    const [network = ''] = Object.keys((await container.inspect()).NetworkSettings.Networks);
    expect(before).toContainEqual({ section: 'network', name: 'found there as', asked: null, has: 'busybox', drift: false });
    await docker.getNetwork(network).disconnect({ Container: container.id, Force: true });
    await container.rename({ name: 'mine' });

    const drift = (await settings(metadata.id)).filter(({ drift }) => drift);
    const port = attempt?.ports[0]?.hostPort;
    expect(drift).toContainEqual({ section: 'container', name: 'name', asked: attempt?.id, has: 'mine', drift: true });
    expect(drift).toContainEqual({ section: 'limits', name: 'memory', asked: '64Mi', has: '128Mi', drift: true });
    expect(drift).toContainEqual({ section: 'network', name: `network ${network}`, asked: 'connected', has: null, drift: true });
    expect(drift).toContainEqual({ section: 'network', name: 'port 80/tcp', asked: String(port), has: null, drift: true });
    await client.killRun(metadata.id);
  });
});

describe('the files of a container', () => {
  /** Every byte value, in no order that a text could have. */
  const allBytes = (length: number, seed: number) => Buffer.from(Uint8Array.from({ length }, (_, n) => (n * 197 + (n >> 8) * seed) % 256));
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const content = (id: string, path: string, of = client.account.url) =>
    `${of}${client.base}/runs/${id}/files/content?path=${encodeURIComponent(path)}`;
  const headers = () => ({ authorization: `Bearer ${client.account.token}` });
  const read = (id: string, path: string, of?: string) => fetch(content(id, path, of), { headers: headers() });
  const write = (id: string, path: string, body: Uint8Array<ArrayBuffer>, type = 'application/octet-stream', of?: string) =>
    fetch(content(id, path, of), { method: 'PUT', headers: { ...headers(), 'content-type': type }, body });
  const list = async (id: string, path: string) => {
    const answer = await client.send('GET', `${client.base}/runs/${id}/files?path=${encodeURIComponent(path)}`);
    expect(answer.status, answer.text).toBe(200);
    return filesSchema.parse(JSON.parse(answer.text));
  };
  const bytesOf = async (response: Response) => {
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  };
  let id: string;

  beforeAll(async () => {
    const script =
      'mkdir -p /data/inner "/data/ü x"; echo one > /data/one; echo two > /data/inner/two; ln -s /data /link; chmod 750 /data/one';
    const run = await client.createRun(sh(`${script}; echo ready; exec sleep 3600`));
    id = run.metadata.id;
    await printed(client, run, 'ready');
  });

  it('are listed a folder at a time, through links too, and nothing below it', async () => {
    const { entries, cut } = await list(id, '/data');
    expect(entries.map(({ name, type }) => `${name} ${type}`)).toEqual(['inner folder', 'ü x folder', 'one file']);
    expect(entries.find(({ name }) => name === 'one')).toMatchObject({ size: 4, mode: 0o750, linkTarget: null });
    expect(cut).toBe(false);
    expect((await list(id, '/link/')).entries).toEqual(entries);
    const root = await list(id, '/');
    expect(root.entries).toContainEqual(expect.objectContaining({ name: 'link', type: 'link', linkTarget: '/data' }));
    expect(root.entries).toContainEqual(expect.objectContaining({ name: 'data', type: 'folder' }));
    expect((await list(id, '/data/ü x')).entries).toEqual([]);
  });

  it('come in and go out byte for byte, also 20 MB and none, by a replica that does not hold the session', async () => {
    const replica = await startReplica(stage.berth);
    try {
      const large = allBytes(20_000_000, 7);
      const written = await write(id, '/data/large.bin', large, undefined, replica.url);
      expect(uploadedSchema.parse(await written.json())).toEqual({ path: '/data/large.bin', bytes: large.length });
      const done = await client.exec(id, ['sha256sum', '/data/large.bin']);
      expect(done.stdout.data.split(' ')[0]).toBe(hash(large));
      const back = await read(id, '/data/large.bin', replica.url);
      expect(back.headers.get('content-length')).toBe(String(large.length));
      expect(hash(await bytesOf(back))).toBe(hash(large));
    } finally {
      await replica.process.stop();
    }
    expect((await write(id, '/data/none', new Uint8Array(0))).status).toBe(200);
    expect(await bytesOf(await read(id, '/data/none'))).toHaveLength(0);
    // What is replaced keeps its mode.
    expect((await write(id, '/data/one', Buffer.from('1'))).status).toBe(200);
    expect((await list(id, '/data')).entries.find(({ name }) => name === 'one')).toMatchObject({ size: 1, mode: 0o750 });
    const events = await client.send('GET', `${client.base}/runs/${id}/events`);
    expect(events.text).toContain('run.upload');
  });

  it('come as a tar of a folder, and are unpacked from one, with names of any length', async () => {
    const name = `${'long-'.repeat(40)}ü.bin`;
    const bytes = allBytes(70_000, 3);
    const header = tarHeader({ name, size: bytes.length, mode: 0o600, mtime: 1_700_000_000 });
    const tar = Buffer.concat([header, bytes, tarPadding(bytes.length), TAR_END]);
    expect((await write(id, '/data/inner', tar, 'application/x-tar')).status).toBe(200);
    const file = await read(id, `/data/inner/${name}`);
    expect(file.headers.get('content-disposition')).toContain(`filename*=UTF-8''${encodeURIComponent(name)}`);
    expect(hash(await bytesOf(file))).toBe(hash(bytes));
    const folder = await read(id, '/data/inner');
    expect(folder.headers.get('content-type')).toBe('application/x-tar');
    expect(folder.headers.get('content-disposition')).toContain('inner.tar');
    const names: string[] = [];
    const scanner = new TarScanner({ entry: (entry) => void names.push(entry.name) });
    scanner.push(await bytesOf(folder));
    expect(scanner.ended).toBe(true);
    expect(names.sort()).toEqual(['inner/', `inner/${name}`, 'inner/two'].sort());
  });

  it('are there after the end of the container, and what cannot be says why', async () => {
    const refusedBy = async (answer: Response | Promise<Response>, status: number, words: string) => {
      const response = await answer;
      const text = await response.text();
      expect(response.status, text).toBe(status);
      expect(text).toContain(words);
    };
    await refusedBy(read(id, '/data/absent'), 404, 'no such path');
    await refusedBy(write(id, '/absent/file', Buffer.from('x')), 404, 'no such path');
    await refusedBy(write(id, '/data/inner', Buffer.from('x')), 409, 'is a folder');
    await refusedBy(read(id, '/data/../etc/passwd'), 400, 'must not have');
    await refusedBy(read(id, 'data'), 400, 'absolute path');
    await refusedBy(write(id, '/data', Buffer.alloc(1024, 'x'), 'application/x-tar'), 400, 'no tar');
    const escaping = Buffer.concat([tarHeader({ name: '../out', size: 0, mode: 0o644, mtime: 0 }), TAR_END]);
    await refusedBy(write(id, '/data', escaping, 'application/x-tar'), 400, 'leads out of the folder');
    await refusedBy(write(id, '/data/x', Buffer.from('{}'), 'text/plain'), 415, 'JSON');
    await refusedBy(
      fetch(`${client.account.url}${client.base}/runs`, {
        method: 'POST',
        headers: { ...headers(), 'content-type': 'application/octet-stream' },
        body: 'x',
      }),
      415,
      'JSON',
    );
    const queued = await client.createRun({ image: 'busybox', resources: { cpu: 4000 } });
    await refusedBy(read(queued.metadata.id, '/etc'), 409, 'no container');
    await client.killRun(id);
    await client.waitRun(id);
    expect((await list(id, '/data')).entries.map(({ name }) => name)).toContain('one');
    expect((await bytesOf(await read(id, '/link/one'))).toString()).toBe('1');
    expect((await write(id, '/data/late', Buffer.from('late'))).status).toBe(200);
    expect((await bytesOf(await read(id, '/data/late'))).toString()).toBe('late');
  });
});
