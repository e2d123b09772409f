/** Terminals in a real container: keys in, output out, over any replica, and over what breaks between. */
import { CONSOLE_NAMESPACE, type Push, SOCKET_PATH } from '@berth/shared/events/console-socket';
import { terminalSchema, terminalsSchema } from '@berth/shared/http/terminals';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Agent } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startReplica } from '../support/replica.ts';
import { type FaultStage, openFaultStage, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;
let run: string;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine });
  const { metadata } = await client.createRun(sh('exec sleep 3600', { stopSignal: 'SIGKILL' }));
  run = metadata.id;
  await client.waitRun(run, 'running');
});
afterAll(() => stage?.close());

const path = (id = run) => `${client.base}/runs/${id}/terminals`;
const open = async (body: object = {}) => terminalSchema.parse(JSON.parse((await client.send('POST', path(), body)).text));

interface Seen {
  text: string;
  ended: { exitCode: number | null } | null;
  code: string | null;
  position: number;
}
/** A console that uses it, from a place on. */
async function use(
  terminal: string,
  after = 0,
  url = client.account.url,
  of = run,
): Promise<{ seen: Seen; socket: Socket; type: (keys: string) => void }> {
  const socket = io(`${url}${CONSOLE_NAMESPACE}`, {
    path: SOCKET_PATH,
    transports: ['websocket'],
    forceNew: true,
    auth: { token: client.account.token },
  });
  onTestFinished(() => void socket.disconnect());
  const seen: Seen = { text: '', ended: null, code: null, position: after };
  socket.on('push', (push: Push, done?: () => void) => {
    if (push.channel === 'terminal') {
      seen.text += Buffer.from(push.data instanceof ArrayBuffer ? new Uint8Array(push.data) : push.data).toString('utf8');
      seen.position = push.next;
      seen.ended = push.ended;
    }
    if (push.channel === 'ended') seen.code = push.code;
    done?.();
  });
  const answer = await socket.emitWithAck('subscribe', {
    channel: 'terminal',
    sub: 't',
    workspace: client.account.workspace,
    run: of,
    terminal,
    after,
  });
  expect(answer).toMatchObject({ ok: true });
  // A shell lets go of what was typed before it asked for a line.
  await until('its prompt', seen, () => after > 0 || seen.text.includes('# ') || seen.text.length > 1000 || seen.code !== null);
  return { seen, socket, type: (data) => void socket.emit('type', { sub: 't', data }) };
}
const until = (what: string, seen: Seen, is: () => boolean) => eventually(what, is, () => seen);

describe('a terminal', () => {
  it('has keys go in and output come out, knows its size, and ends with its shell', async () => {
    const { id } = await open({ columns: 91, rows: 17 });
    const { seen, socket, type } = await use(id);
    type('stty size; echo a$((20+22))z\n');
    await until('its answer', seen, () => seen.text.includes('17 91') && seen.text.includes('a42z'));
    socket.emit('size', { sub: 't', columns: 100, rows: 30 });
    await until('its new size', seen, () => {
      type('stty size\n');
      return seen.text.includes('30 100');
    });
    type('exit 7\n');
    await until('its end', seen, () => seen.ended !== null);
    expect(seen.ended).toEqual({ exitCode: 7 });
    const { items } = terminalsSchema.parse(JSON.parse((await client.send('GET', path())).text));
    expect(items).toMatchObject([{ id, ended: true }]);
    expect((await client.send('DELETE', `${path()}/${id}`)).status).toBe(204);
  });

  it('is the same for who comes back, also over another replica: what was missed is there, once', async () => {
    const { id } = await open({ command: ['/bin/sh'] });
    const first = await use(id);
    first.type('i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "line $i."; sleep 0.01; done; echo fin"ished"\n');
    await until('its beginning', first.seen, () => first.seen.text.includes('line 20.'));
    first.socket.disconnect();
    const other = await startReplica(stage.berth);
    const second = await use(id, first.seen.position, other.url);
    await until('its end', second.seen, () => second.seen.text.includes('finished'));
    const lines = (first.seen.text + second.seen.text).match(/line \d+\./g);
    expect(lines).toEqual(Array.from({ length: 200 }, (_, index) => `line ${index + 1}.`));
    // From the start, as a page that is reloaded reads it.
    const third = await use(id);
    await until('all of it again', third.seen, () => third.seen.text.includes('finished'));
    expect(third.seen.text.match(/line \d+\./g)).toEqual(lines);
    second.type('echo over the ot"her"\n');
    await until('what another one typed', third.seen, () => third.seen.text.includes('over the other'));
    await client.send('DELETE', `${path()}/${id}`);
    await until('its end', third.seen, () => third.seen.ended !== null);
    await other.process.stop();
  });

  it('holds its last MiB, and waits for a reader that takes more', async () => {
    const { id } = await open({ command: ['/bin/sh', '-c', 'seq 1 600000; exec sh'] });
    const { seen } = await use(id);
    await until('the last line', seen, () => seen.text.includes('\n600000\r\n'));
    // Nothing is missing: the shell waited for who was reading from the start, but for what it wrote before that.
    const numbers = seen.text.split('\r\n').map(Number).filter(Boolean);
    const from = numbers.length > 1 ? (numbers[1] ?? 0) : 0;
    expect(numbers.slice(1)).toEqual(Array.from({ length: 600_000 - from + 1 }, (_, index) => from + index));
    const late = await use(id);
    await until('the last line again', late.seen, () => late.seen.text.includes('\n600000\r\n'));
    expect(late.seen.text.length).toBeLessThan(1.2 * 1024 * 1024);
    expect(late.seen.text.length).toBeGreaterThan(900_000);
  });

  it('shows no value of a secret, and at once whatever else is typed', async () => {
    await client.createSecret('door', 'correct-horse-battery');
    const { metadata } = await client.createRun(sh('exec sleep 3600', { secrets: [{ secret: 'door', env: 'DOOR' }] }));
    await client.waitRun(metadata.id, 'running');
    const { id } = JSON.parse((await client.send('POST', path(metadata.id), {})).text);
    const { seen, type } = await use(id, 0, undefined, metadata.id);
    type('echo "<$DOOR>"\n');
    await until('its answer', seen, () => seen.text.includes(`<${'*'.repeat(21)}>`));
    // A value begins so.
    type('echo cor');
    await until('what was typed', seen, () => seen.text.endsWith('echo cor'));
    type('rect\n');
    await until('its answer', seen, () => seen.text.includes('\ncorrect\r\n'));
    expect(seen.text).not.toContain('horse');
    await client.deleteRun(metadata.id, true);
  });

  it('needs a container that runs, of this workspace, and an agent that is there', async () => {
    const { metadata } = await client.createRun(sh('exit 0'));
    await client.waitRun(metadata.id);
    const refused = await client.send('POST', path(metadata.id), {});
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text).detail).toBe('The run is exited, and a terminal needs a container that runs.');
    const { seen } = await use('there-is-none');
    await until('that there is none', seen, () => seen.code === 'conflict');
    const { id } = await open();
    const used = await use(id);
    await agent.kill();
    await until('that its agent is gone', used.seen, () => used.seen.code === 'unavailable');
    await agent.start();
    await client.waitRun(run, 'running');
  });
});
