/** A log that is written while everything between its container and its reader is killed or cut in turn: the bytes are the container's. */
import { CONSOLE_NAMESPACE, type Push, SOCKET_PATH, type Tail } from '@berth/shared/events/console-socket';
import { chunksFrom } from '@berth/shared/events/log-chunks';
import { blockOf, unpack } from '@berth/shared/protocol/packed';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import { eventually } from '../support/eventually.ts';
import { Link } from '../support/link.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { EngineProxy } from './engine-proxy.ts';
import { type FaultStage, openFaultStage, sh } from './fault-stage.ts';

const LINES = 1600;
/** Lines between two faults: enough for each to be over before the next. */
const APART = 250;

let stage: FaultStage;
let agent: Agent;
let toApi: Link;
let toBrowser: Link;
let toEngine: EngineProxy;

beforeAll(async () => {
  stage = await openFaultStage();
  [toApi, toBrowser, toEngine] = await Promise.all([
    Link.to(stage.berth.url),
    Link.to(stage.berth.url),
    EngineProxy.to(stage.engine.socket, await temporaryFolder('proof')),
  ]);
  agent = await stage.berth.startAgent({ engine: { ...stage.engine, host: toEngine.host }, url: toApi.url });
});
afterAll(async () => {
  await stage?.close();
  await Promise.all([toApi?.close(), toBrowser?.close(), toEngine?.close()]);
});

/** As a page reads it: from where it stands, again and again, whatever breaks. */
function follow(run: string) {
  const { token, workspace } = stage.client.account;
  const socket = io(`${toBrowser.url}${CONSOLE_NAMESPACE}`, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    auth: { token },
    reconnectionDelay: 50,
    reconnectionDelayMax: 300,
  });
  const reader = { position: 0, text: { stdout: '', stderr: '' }, complete: false, dropped: 0, close: () => void socket.disconnect() };
  let sub = 0;
  const take = (chunks: ReturnType<typeof chunksFrom>, next: number, complete: boolean) => {
    for (const { stream, data, dropped } of chunks) {
      reader.text[stream] += Buffer.from(data).toString('utf8');
      reader.dropped += dropped;
    }
    reader.position = Math.max(reader.position, next);
    reader.complete ||= complete;
  };
  const subscribe = () => {
    const name = `s${++sub}`;
    socket.emit('subscribe', { channel: 'log', sub: name, workspace, run, after: reader.position }, (answer: { ok: boolean }) => {
      if (!answer.ok && name === `s${sub}`) setTimeout(subscribe, 200);
    });
  };
  socket.on('connect', subscribe);
  socket.on('push', (push: Push, done?: () => void) => {
    if (push.channel === 'log' && push.sub === `s${sub}`) {
      take(chunksFrom(unpack(push.chunks, push.data), reader.position), push.next, push.complete);
    } else if (push.channel === 'ended' && push.sub === `s${sub}`) setTimeout(subscribe, 200);
    done?.();
  });
  socket.on('tail', (tail: Tail) => {
    if (tail.run !== run || tail.from > reader.position) return;
    take(chunksFrom(unpack(tail.chunks, blockOf(tail.data)), reader.position), tail.next, tail.complete);
    socket.emit('taken', { sub: `s${sub}`, next: reader.position });
  });
  return reader;
}

const numbered = (word: string) => Array.from({ length: LINES }, (_, line) => `${word} ${line}\n`).join('');

it('the agent, the api, their link, the engine’s and the browser’s die in turn: the reader’s bytes are the container’s', async () => {
  const script = `i=0; while [ $i -lt ${LINES} ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); sleep 0.01; done; echo "the end"`;
  const { metadata } = await stage.client.createRun(sh(script));
  const reader = follow(metadata.id);
  const written = (line: number) => Math.min(line, LINES - 1);
  const at = (line: number) =>
    eventually(
      `line ${line} to be read`,
      () => reader.text.stdout.includes(`out ${written(line)}\n`),
      () => ({ position: reader.position, tail: reader.text.stdout.slice(-200) }),
      60_000,
    );
  try {
    await at(50);
    await agent.kill();
    await agent.start();
    await at(50 + APART);
    await stage.berth.api.kill();
    await stage.berth.api.start();
    await at(50 + 2 * APART);
    toApi.cut();
    toApi.mend();
    await at(50 + 3 * APART);
    toEngine.cut();
    await at(50 + 4 * APART);
    toBrowser.cut();
    toBrowser.mend();
    await at(50 + 5 * APART);
    await eventually(
      'its end to be read',
      () => reader.complete,
      () => ({ position: reader.position, tail: reader.text.stdout.slice(-200) }),
      60_000,
    );
    expect((await stage.client.waitRun(metadata.id)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(reader.dropped).toBe(0);
    expect(reader.text.stdout).toBe(`${numbered('out')}the end\n`);
    expect(reader.text.stderr).toBe(numbered('err'));
    expect((await stage.client.logBytes(metadata.id, 'stdout')).toString()).toBe(reader.text.stdout);
    expect((await stage.client.logBytes(metadata.id, 'stderr')).toString()).toBe(reader.text.stderr);
  } finally {
    reader.close();
  }
});

it('a container that closes its output lives on, and ends with its own code', async () => {
  const { metadata } = await stage.client.createRun(sh('echo before; exec 1>&- 2>&-; while [ ! -e /go ]; do sleep 0.1; done; exit 4'));
  await eventually('what it wrote before', async () => (await stage.client.logs(metadata.id)) === 'before\n');
  await stage.client.waitRun(metadata.id, 'running');
  expect((await stage.client.exec(metadata.id, ['touch', '/go'])).exitCode).toBe(0);
  expect((await stage.client.waitRun(metadata.id)).status).toMatchObject({ phase: 'exited', exitCode: 4 });
  expect(await stage.client.logs(metadata.id)).toBe('before\n');
});
