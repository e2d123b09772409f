/** The standard input of main processes, on a real engine: bytes in, by REST and by keys, and what comes of them in the log. */
import { CONSOLE_NAMESPACE, type Push, SOCKET_PATH } from '@berth/shared/events/console-socket';
import { inputWrittenSchema } from '@berth/shared/http/run-input';
import { STDIN_BYTES } from '@berth/shared/protocol/call';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Agent } from '../support/berth.ts';
import type { BerthClient, RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startReplica } from '../support/replica.ts';
import { type FaultStage, openFaultStage, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;
let replica: Awaited<ReturnType<typeof startReplica>>;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine });
  replica = await startReplica(stage.berth);
});
afterAll(async () => {
  await replica?.process.stop();
  await stage?.close();
});

async function running(spec: RunSpecInput): Promise<string> {
  const { metadata } = await client.createRun(spec);
  await client.waitRun(metadata.id, 'running');
  return metadata.id;
}

/** As `curl --data-binary` does it. */
async function write(id: string, body: string | Uint8Array<ArrayBuffer>, query = '', of: { url: string; token: string } = client.account) {
  const response = await fetch(`${of.url}${client.base}/runs/${id}/stdin${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${of.token}`, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  const text = await response.text();
  return { status: response.status, detail: response.ok ? '' : String(JSON.parse(text).detail), text };
}
async function written(id: string, body: string | Uint8Array<ArrayBuffer>, query?: string, of?: { url: string; token: string }) {
  const answer = await write(id, body, query, of);
  expect(answer.status, answer.text).toBe(200);
  return inputWrittenSchema.parse(JSON.parse(answer.text));
}
async function logged(id: string, what: string): Promise<string> {
  let last = '';
  return eventually(
    `"${what}" in the log`,
    async () => {
      last = await client.logs(id);
      return last.includes(what) && last;
    },
    () => last.slice(-2000),
  );
}

/** A console that types into it. */
async function attach(id: string, url = client.account.url) {
  const socket: Socket = io(`${url}${CONSOLE_NAMESPACE}`, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    forceNew: true,
    auth: { token: client.account.token },
  });
  onTestFinished(() => void socket.disconnect());
  const refused: string[] = [];
  socket.on('push', (push: Push) => void (push.channel === 'input' && refused.push(push.refused)));
  const answer = await socket.emitWithAck('subscribe', { channel: 'input', sub: 'i', workspace: client.account.workspace, run: id });
  return {
    answer,
    refused,
    socket,
    type: (data: string) => void socket.emit('type', { sub: 'i', data }),
    resize: (columns: number, rows: number) => void socket.emit('size', { sub: 'i', columns, rows }),
  };
}

const bytes = Uint8Array.from({ length: 300_000 }, (_, n) => (n * 31 + (n >> 8)) % 256);

describe('the standard input of a run', () => {
  it('carries every byte as it is, in order, over any replica, and its end', async () => {
    const id = await running(sh('exec cat', { stdin: true, stdinOnce: true }));
    expect(await written(id, bytes)).toEqual({ bytes: bytes.length, ended: false });
    expect(await written(id, '{"json": "is not looked into"')).toMatchObject({ ended: false });
    expect(await written(id, bytes, '', { ...client.account, url: replica.url })).toMatchObject({ bytes: bytes.length });
    expect(await written(id, 'the last', '?end=true')).toEqual({ bytes: 8, ended: true });
    expect((await client.waitRun(id)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
    const all = Buffer.concat([bytes, Buffer.from('{"json": "is not looked into"'), bytes, Buffer.from('the last')]);
    expect((await client.logBytes(id, 'stdout')).equals(all)).toBe(true);
    const { items } = JSON.parse((await client.send('GET', `${client.base}/runs/${id}/events`)).text);
    const input = items.filter(({ type }: { type: string }) => type === 'run.input');
    expect(input.map(({ data }: { data: object }) => data)).toMatchObject([
      { bytes: 300_000, end: false },
      { bytes: 29 },
      { bytes: 300_000 },
      { bytes: 8, end: true },
    ]);
  });

  it('takes JSON as the bytes that it is', async () => {
    const id = await running(sh('exec cat', { stdin: true, stdinOnce: true }));
    const sent = await client.send('POST', `${client.base}/runs/${id}/stdin?end=true`, { a: [1] });
    expect(sent.status, sent.text).toBe(200);
    await client.waitRun(id);
    expect(await client.logs(id)).toBe('{"a":[1]}');
  });

  it('stays open while nobody writes, over the death of its agent, and cannot be ended where that was not asked for', async () => {
    const id = await running(sh('exec cat', { stdin: true }));
    await written(id, 'before\n');
    await logged(id, 'before');
    await agent.kill();
    await agent.start();
    await eventually('the agent to be back', async () => (await write(id, 'after\n')).status === 200);
    expect(await logged(id, 'after')).toBe('before\nafter\n');
    const refused = await write(id, '', '?end=true');
    expect(refused).toMatchObject({ status: 409, detail: expect.stringContaining('was not asked for with stdinOnce') });
    await client.killRun(id);
  });

  it('that can be ended ends with an agent that wrote to it, and no byte is taken for it after that', async () => {
    const id = await running(sh('cat; echo over; exec sleep 3600', { stdin: true, stdinOnce: true }));
    await written(id, 'before\n');
    await logged(id, 'before');
    await agent.kill();
    await agent.start();
    expect(await logged(id, 'over')).toBe('before\nover\n');
    const refused = await eventually('a refusal', async () => {
      const answer = await write(id, 'late\n');
      return answer.status === 409 && answer;
    });
    expect(refused.detail).toContain('its standard input has ended');
    await client.killRun(id);
  });

  it('is a new one in another life of its container', async () => {
    const id = await running(
      sh('cat; echo over; exit 3', { stdin: true, stdinOnce: true, restart: { policy: 'on-failure', maxRetries: 1 } }),
    );
    await written(id, 'first\n', '?end=true');
    await logged(id, 'over');
    await eventually('its other life', async () => (await write(id, 'second\n', '?end=true')).status === 200);
    expect((await client.waitRun(id)).status).toMatchObject({ exitCode: 3, restarts: 1 });
    expect(await client.logs(id)).toBe('first\nover\nsecond\nover\n');

    // Nobody ended this one: what goes to the other life is not written to what is left of the first one's.
    const line = sh('read line; echo "$line over"; exit 3', { stdin: true, restart: { policy: 'on-failure', maxRetries: 1 } });
    const open = await running(line);
    await written(open, 'first\n');
    await eventually('its other life', async () => (await client.getRun(open)).status.restarts === 1);
    await client.waitRun(open, 'running');
    await written(open, 'second\n');
    await client.waitRun(open);
    expect(await client.logs(open)).toBe('first over\nsecond over\n');
  });

  it('of a process that does not read takes what its pipes hold, says how much that was, and holds nothing else up', async () => {
    const id = await running(sh('exec sleep 3600', { stdin: true }));
    const full = await eventually('it to be full', async () => {
      const answer = await write(id, new Uint8Array(STDIN_BYTES));
      return answer.status === 409 && answer;
    });
    expect(full.detail).toMatch(/^The process does not read its standard input: \d+ of 1048576 bytes were taken, and no more was sent\.$/);
    expect(await client.exec(id, ['true'])).toMatchObject({ exitCode: 0 });
    const other = await running(sh('exec cat', { stdin: true }));
    await written(other, 'not held up\n');
    await logged(other, 'not held up');
    expect(await write(id, new Uint8Array(STDIN_BYTES + 1))).toMatchObject({ status: 413 });
    await Promise.all([client.killRun(id), client.killRun(other)]);
  });

  it('is refused with the reason where there is none, or its run does not run, and is of its own workspace', async () => {
    const none = await running(sh('exec sleep 3600'));
    expect(await write(none, 'x')).toMatchObject({
      status: 409,
      detail: 'The run has no standard input: it was not asked for with stdin.',
    });
    expect((await attach(none)).answer).toMatchObject({ ok: false, code: 'conflict' });
    await client.killRun(none);
    const ended = await client.createRun(sh('exit 0', { stdin: true }));
    await client.waitRun(ended.metadata.id);
    expect(await write(ended.metadata.id, 'x')).toMatchObject({
      status: 409,
      detail: 'The run is exited, and input needs a container that runs.',
    });
    const tenant = await stage.berth.tenant('others');
    const foreign = await tenant.send('POST', `${tenant.base}/runs/${ended.metadata.id}/stdin`, {});
    expect(foreign.status).toBe(404);
    const invalid = await client.send('POST', `${client.base}/runs`, { spec: { image: 'busybox', stdinOnce: true } });
    expect(JSON.parse(invalid.text).errors).toEqual([{ path: 'spec.stdinOnce', message: 'needs stdin as well' }]);
  });
});

describe('a main process with a terminal', () => {
  const shell = (): RunSpecInput => ({
    image: 'busybox',
    pullPolicy: 'if-not-present',
    command: ['/bin/sh'],
    tty: true,
    stdin: true,
    stopSignal: 'SIGKILL',
  });

  it('is typed into by several, over any replica, knows its size, and ends by Ctrl-D', async () => {
    const id = await running(shell());
    const [one, two] = [await attach(id), await attach(id, replica.url)];
    expect(one.answer).toMatchObject({ ok: true });
    await logged(id, '# ');
    one.resize(91, 17);
    await eventually('its size', async () => {
      one.type('stty size\n');
      return (await client.logs(id)).includes('17 91');
    });
    two.resize(100, 30);
    await eventually('its new size', async () => {
      two.type('stty size\n');
      return (await client.logs(id)).includes('30 100');
    });
    for (const key of 'echo a$((20+22))z\n') one.type(key);
    await logged(id, 'a42z');
    two.type('\x10\x11echo ctrl-p and ctrl-q are ke""ys\n');
    await logged(id, 'ctrl-p and ctrl-q are keys');
    await agent.kill();
    await agent.start();
    await eventually('the agent to be back', async () => (await write(id, 'echo ba""ck\n')).status === 200);
    await logged(id, 'back');
    one.type('echo of the sa""me\n');
    await logged(id, 'of the same');
    expect(await written(id, '', '?end=true')).toEqual({ bytes: 0, ended: true });
    expect((await client.waitRun(id)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
    const told = () => {
      one.type('x');
      return one.refused.some((why) => why.includes('The run is exited, and input needs a container that runs.'));
    };
    await eventually('a refusal', told, () => one.refused);
  });

  it('is not held up by a console that stops reading, and its log is exact', async () => {
    const id = await running(shell());
    await logged(id, '# ');
    const stuck = await attach(id);
    // Watches the log, and never takes a thing of it.
    await stuck.socket.emitWithAck('subscribe', { channel: 'log', sub: 'l', workspace: client.account.workspace, run: id, after: 0 });
    await written(id, 'stty -echo; PS1=; seq 1 200000; echo do""ne\n');
    const log = await logged(id, '\ndone');
    const numbers = log
      .split('\r\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
    expect(numbers).toEqual(Array.from({ length: 200_000 }, (_, n) => n + 1));
    await client.killRun(id);
  });
});
