/** A console on the websocket: subscribes as the browser does, and acknowledges what it has taken. */
import {
  CONSOLE_NAMESPACE,
  type LogChunk,
  type Push,
  SOCKET_PATH,
  type Subscribe,
  type SubscribeAnswer,
  TAKEN_BYTES,
  type Tail,
} from '@berth/shared/events/console-socket';
import type { BerthEvent } from '@berth/shared/events/event';
import { chunksFrom } from '@berth/shared/events/log-chunks';
import { type Bytes, blockOf, unpack } from '@berth/shared/protocol/packed';
import { io, type Socket } from 'socket.io-client';
import type { Account } from '../support/client.ts';

/** Typed, not parsed, as in the browser: the client shares the machine with what it measures. */
interface Pushes {
  push(push: Push, acknowledge: () => void): void;
  tail(tail: Tail): void;
}
interface Requests {
  type(keys: { sub: string; data: string }): void;
  subscribe(request: Subscribe, answer: (answer: SubscribeAnswer) => void): void;
  taken(taken: { sub: string; next: number }): void;
}
type ConsoleSocket = Socket<Pushes, Requests>;

interface Log {
  run: string;
  position: number;
  told: number;
  take: (chunk: LogChunk) => void;
  done: () => void;
  failed: (error: Error) => void;
}

export class ConsoleClient {
  readonly #access: Account;
  readonly #socket: ConsoleSocket;
  readonly #logs = new Map<string, Log>();
  readonly #events = new Map<string, (event: BerthEvent) => void>();
  readonly #terminals = new Map<string, (data: Bytes) => void>();
  readonly #stats = new Map<string, () => void>();
  #subs = 0;

  private constructor(access: Account, socket: ConsoleSocket) {
    this.#access = access;
    this.#socket = socket;
    socket.on('push', (push, acknowledge) => this.#push(push, acknowledge));
    socket.on('tail', (tail) => this.#tail(tail));
  }

  static async connect(access: Account): Promise<ConsoleClient> {
    const socket: ConsoleSocket = io(`${access.url}${CONSOLE_NAMESPACE}`, {
      path: SOCKET_PATH,
      transports: ['websocket'],
      forceNew: true,
      auth: { token: access.token },
    });
    const client = new ConsoleClient(access, socket);
    await new Promise<void>((connected, refused) => {
      socket.once('connect', connected);
      socket.once('connect_error', (cause) => refused(new Error('the console socket was refused', { cause })));
    });
    return client;
  }

  /** Resolves when the log is complete. */
  async followLog(run: string, take: (chunk: LogChunk) => void): Promise<void> {
    const sub = `log-${++this.#subs}`;
    const complete = new Promise<void>((done, failed) => {
      this.#logs.set(sub, { run, position: 0, told: 0, take, done, failed });
    });
    await this.#subscribe({ channel: 'log', sub, workspace: this.#access.workspace, run, after: 0 });
    await complete;
    this.#logs.delete(sub);
  }

  /** From now on, until the client closes. */
  async followEvents(take: (event: BerthEvent) => void): Promise<void> {
    const sub = `events-${++this.#subs}`;
    this.#events.set(sub, take);
    await this.#subscribe({ channel: 'events', sub, workspace: this.#access.workspace, after: null });
  }

  /** What a run uses, a second apart, until the client closes. */
  async watchStats(run: string, take: () => void): Promise<void> {
    const sub = `stats-${++this.#subs}`;
    this.#stats.set(sub, take);
    await this.#subscribe({ channel: 'stats', sub, workspace: this.#access.workspace, run });
  }

  /** From its beginning, until the client closes. What it answers with types into it. */
  async useTerminal(run: string, terminal: string, take: (data: Bytes) => void): Promise<(keys: string) => void> {
    const sub = `terminal-${++this.#subs}`;
    this.#terminals.set(sub, take);
    await this.#subscribe({ channel: 'terminal', sub, workspace: this.#access.workspace, run, terminal, after: 0 });
    return (data) => void this.#socket.emit('type', { sub, data });
  }

  close(): void {
    this.#socket.disconnect();
  }

  async #subscribe(request: Subscribe): Promise<void> {
    const answer = await this.#socket.timeout(10_000).emitWithAck('subscribe', request);
    if (!answer.ok) throw new Error(`subscribing to ${request.channel} was refused: ${answer.code} ${answer.detail}`);
  }

  #push(push: Push, acknowledge: () => void): void {
    if (push.channel === 'log') {
      const log = this.#logs.get(push.sub);
      if (log) {
        for (const chunk of chunksFrom(unpack(push.chunks, push.data), log.position)) log.take(chunk);
        log.position = push.next;
        log.told = push.next;
        if (push.complete) log.done();
      }
    } else if (push.channel === 'events') {
      for (const event of push.events) this.#events.get(push.sub)?.(event);
    } else if (push.channel === 'stats') {
      for (const _ of push.samples) this.#stats.get(push.sub)?.();
    } else if (push.channel === 'terminal') {
      this.#terminals.get(push.sub)?.(push.data instanceof ArrayBuffer ? new Uint8Array(push.data) : push.data);
    } else if (push.channel === 'ended') {
      this.#logs.get(push.sub)?.failed(new Error(`the subscription ended: ${push.code} ${push.detail}`));
    }
    acknowledge();
  }

  #tail(tail: Tail): void {
    for (const [sub, log] of this.#logs) {
      if (log.run !== tail.run || tail.from > log.position) continue;
      for (const chunk of chunksFrom(unpack(tail.chunks, blockOf(tail.data)), log.position)) log.take(chunk);
      log.position = Math.max(log.position, tail.next);
      if (log.position - log.told >= TAKEN_BYTES) {
        log.told = log.position;
        this.#socket.emit('taken', { sub, next: log.position });
      }
      if (tail.complete) log.done();
    }
  }
}
