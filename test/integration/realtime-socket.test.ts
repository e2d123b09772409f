/** The console's socket: who may listen, and that nothing is lost or twice over any number of reconnects. */
import {
  CONSOLE_NAMESPACE,
  type Push,
  pushSchema,
  SOCKET_PATH,
  type SubscribeAnswer,
  TAKEN_BYTES,
  tailSchema,
} from '@berth/shared/events/console-socket';
import { blockOf } from '@berth/shared/protocol/packed';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { Account, BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, logReport, ProtocolAgent, phaseReport } from './protocol-agent.ts';

let berth: Berth;
let client: BerthClient;
let agent: ProtocolAgent;
let viewers: Viewer[] = [];

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  agent = new ProtocolAgent(await enrolHost(client, 'bare'));
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
});
afterEach(() => {
  for (const viewer of viewers) viewer.close();
  viewers = [];
});
afterAll(async () => {
  agent?.close();
  await berth?.stop();
});

/** A console; `takes` false: it never acknowledges a batch. */
class Viewer {
  readonly pushes: Push[] = [];
  refusal: string | null = null;
  tails = 0;
  #told = 0;
  readonly #socket: Socket;
  readonly #account: Account;

  constructor(account: Account, options: { takes?: boolean; auth?: object; headers?: Record<string, string> } = {}) {
    this.#account = account;
    this.#socket = io(`${account.url}${CONSOLE_NAMESPACE}`, {
      path: SOCKET_PATH,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: options.auth ?? { token: account.token },
      extraHeaders: options.headers,
    });
    this.#socket.on('connect_error', (error) => {
      this.refusal = error.message;
    });
    this.#socket.on('push', (payload: unknown, take: () => void) => {
      this.pushes.push(pushSchema.parse(payload));
      if (options.takes !== false) take();
    });
    // As a push of its own, so that what is told below holds for both.
    this.#socket.on('tail', (payload: unknown) => {
      const { run: _, from, data, ...tail } = tailSchema.parse(payload);
      const before = this.pushes.findLast((push) => push.channel === 'log');
      if (before?.channel === 'log' && before.next !== from) throw new Error(`a tail from ${from} follows what ended at ${before.next}`);
      this.tails++;
      this.pushes.push({ channel: 'log', sub: 's', data: blockOf(data), ...tail });
      if (options.takes === false || tail.next - this.#told < TAKEN_BYTES) return;
      this.#told = tail.next;
      this.#socket.emit('taken', { sub: 's', next: tail.next });
    });
    viewers.push(this);
  }

  subscribe(request: Record<string, unknown>): Promise<SubscribeAnswer> {
    return this.#socket.timeout(10_000).emitWithAck('subscribe', { sub: 's', workspace: this.#account.workspace, ...request });
  }

  get events() {
    return this.pushes.flatMap((push) => (push.channel === 'events' ? push.events : []));
  }

  get log(): { text: string; next: number; complete: boolean } {
    const pages = this.pushes.filter((push) => push.channel === 'log');
    const text = pages.map(({ data }) => new TextDecoder().decode(data)).join('');
    return { text, next: pages.at(-1)?.next ?? 0, complete: pages.at(-1)?.complete ?? false };
  }

  close(): void {
    this.#socket.disconnect();
  }
}

async function runHere(): Promise<{ runId: string; attemptId: string }> {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  return { runId: metadata.id, attemptId: await agent.attemptOf(metadata.id) };
}

describe('the socket', () => {
  it('is refused without a token, with a wrong one, and with a cookie from the page of another site', async () => {
    const cookie = { cookie: 'better-auth.session_token=x', origin: 'http://evil.example' };
    for (const options of [{ auth: {} }, { auth: { token: 'berth_wrong' } }, { auth: {}, headers: cookie }]) {
      const viewer = new Viewer(client.account, options);
      await eventually(
        'a refusal',
        () => viewer.refusal === 'unauthenticated',
        () => viewer.refusal,
      );
    }
  });

  it("does not know another workspace, nor another workspace's run", async () => {
    const { runId, attemptId } = await runHere();
    const stranger = new Viewer((await berth.tenant('strangers')).account);
    for (const channel of ['log', 'run'] as const) {
      expect(await stranger.subscribe({ channel, run: runId, after: channel === 'log' ? 0 : undefined })).toMatchObject({
        ok: false,
        code: 'not-found',
      });
    }
    expect(await stranger.subscribe({ channel: 'events', workspace: client.account.workspace, after: null })).toMatchObject({
      ok: false,
      code: 'not-found',
    });
    await agent.report({ phases: [exited(attemptId)] });
  });
});

describe('events', () => {
  it('are replayed from a cursor: two consoles, one of which was away, have seen the same, once', async () => {
    const steady = new Viewer(client.account);
    const first = new Viewer(client.account);
    const answer = await steady.subscribe({ channel: 'events', after: null });
    if (!answer.ok) throw new Error(answer.detail);
    await first.subscribe({ channel: 'events', after: answer.cursor });
    const one = await runHere();
    await eventually(
      'the first event',
      () => first.events.length > 0,
      () => first.pushes,
    );
    first.close();
    await agent.report({ phases: [phaseReport(one.attemptId, 'running'), exited(one.attemptId)] });
    const two = await runHere();
    const second = new Viewer(client.account);
    await second.subscribe({ channel: 'events', after: first.events.at(-1)?.cursor ?? answer.cursor });
    await agent.report({ phases: [exited(two.attemptId)] });
    const over = (viewer: Viewer) =>
      viewer.events.some(({ id, type, data }) => id === two.runId && type === 'run.phase' && 'exitCode' in data && data.exitCode === 0);
    await eventually(
      'both to have seen the end',
      () => over(steady) && over(second),
      () => [steady.events, second.events],
    );
    expect([...first.events, ...second.events]).toEqual(steady.events);
    expect(new Set(steady.events.map(({ cursor }) => cursor)).size).toBe(steady.events.length);
  });
});

describe('a log', () => {
  it('is read on from a position over reconnects: nothing lost, nothing twice, complete at the end', async () => {
    const { runId, attemptId } = await runHere();
    let written = '';
    const write = async (text: string) => {
      await agent.report({ logs: [logReport(attemptId, written.length, text)] });
      written += text;
    };
    await write('the first line\n');
    let seen = '';
    let position = 0;
    for (let round = 0; round < 4; round++) {
      const viewer = new Viewer(client.account);
      await viewer.subscribe({ channel: 'log', run: runId, after: position });
      await write(`line ${round}: ${'x'.repeat(round * 1000)}\n`);
      await eventually(
        'what was written',
        () => viewer.log.next >= written.length,
        () => viewer.log,
      );
      seen += viewer.log.text;
      position = viewer.log.next;
      viewer.close();
    }
    const last = new Viewer(client.account);
    // In the middle of a chunk.
    await last.subscribe({ channel: 'log', run: runId, after: position - 5 });
    await agent.report({ phases: [exited(attemptId)] });
    await eventually(
      'the log to be complete',
      () => last.log.complete,
      () => last.log,
    );
    expect(seen.slice(0, -5) + last.log.text).toBe(written);
  });

  it('of many small pieces passes in full', async () => {
    const { runId, attemptId } = await runHere();
    const streams = ['stdout', 'stderr'] as const;
    const logs = Array.from({ length: 100 }, (_, n) =>
      logReport(attemptId, 4 * Math.floor(n / 2), `${String(n).padStart(3, '0')}\n`, { stream: streams[n % 2] }),
    );
    await agent.report({ logs });
    await agent.report({ phases: [exited(attemptId)] });
    const viewer = new Viewer(client.account);
    await viewer.subscribe({ channel: 'log', run: runId, after: 0 });
    await eventually(
      'the log to be complete',
      () => viewer.log.complete,
      () => viewer.log.next,
    );
    expect(viewer.log.text).toBe(await client.logs(runId));
  });

  it('a viewer that does not take its batch gets no second one, and does not hold up another', async () => {
    const { runId, attemptId } = await runHere();
    const stuck = new Viewer(client.account, { takes: false });
    const quick = new Viewer(client.account);
    await stuck.subscribe({ channel: 'log', run: runId, after: 0 });
    await quick.subscribe({ channel: 'log', run: runId, after: 0 });
    const piece = 'y'.repeat(512 * 1024);
    for (let n = 0; n < 12; n++) await agent.report({ logs: [logReport(attemptId, n * piece.length, piece)] });
    await agent.report({ phases: [exited(attemptId)] });
    await eventually(
      'the quick one to have all',
      () => quick.log.complete,
      () => quick.log.next,
    );
    expect(quick.log.next).toBe(12 * piece.length);
    // One batch, and the question whether it is taken.
    expect(stuck.log.next).toBe(piece.length);
    expect(stuck.pushes.length).toBeLessThanOrEqual(2);
  });

  it('is watched together by many who have caught up; one that says nothing of what it takes is sent no more than a window', async () => {
    const { runId, attemptId } = await runHere();
    const silent = new Viewer(client.account, { takes: false });
    // More than one room holds.
    const others = Array.from({ length: 70 }, () => new Viewer(client.account));
    for (const viewer of [silent, ...others]) await viewer.subscribe({ channel: 'log', run: runId, after: 0 });
    let written = '';
    for (let n = 0; n < 100; n++) {
      const text = `${String(n).padStart(3, '0')} ${'z'.repeat(10_000)}\n`;
      await agent.report({ logs: [logReport(attemptId, written.length, text)] });
      written += text;
    }
    const late = new Viewer(client.account);
    await late.subscribe({ channel: 'log', run: runId, after: 500_000 });
    await agent.report({ phases: [exited(attemptId)] });
    await eventually(
      'all but the silent one to have all',
      () => [...others, late].every((viewer) => viewer.log.complete),
      () => [...others, late].map((viewer) => viewer.log.next),
    );
    for (const viewer of others) expect(viewer.log.text).toBe(written);
    expect(late.log.text).toBe(written.slice(500_000));
    expect(others.every((viewer) => viewer.tails > 0)).toBe(true);
    expect(silent.log.next).toBeLessThan(512 * 1024);
    expect(written.startsWith(silent.log.text)).toBe(true);
  });
});

describe('a run', () => {
  it('is pushed whenever it has changed, and ends with its deletion', async () => {
    const { runId, attemptId } = await runHere();
    const viewer = new Viewer(client.account);
    await viewer.subscribe({ channel: 'run', run: runId });
    await agent.report({ phases: [exited(attemptId)] });
    const phases = () => viewer.pushes.map((push) => (push.channel === 'run' ? (push.run?.status.phase ?? 'gone') : push.channel));
    await eventually('the end', () => phases().includes('exited'), phases);
    await client.deleteRun(runId);
    await eventually('the subscription to end', () => phases().at(-1) === 'ended', phases);
  });
});
