/**
 * The link to the api: dial, prove who we are, then heartbeats up and assignments down. socket.io's own reconnecting (backoff with
 * jitter) redials; each connection goes through the whole handshake again.
 */
import type { KeyObject } from 'node:crypto';
import { AGENT_NAMESPACE, SOCKET_PATH } from '@berth/shared/events/console-socket';
import type { AgentBundle } from '@berth/shared/model/agent-bundle';
import type { HostFacts } from '@berth/shared/model/host';
import type { HostPolicy } from '@berth/shared/model/host-policy';
import {
  type AgentMessage,
  type AgentToApi,
  type ApiMessage,
  type ApiToAgent,
  type AttemptSample,
  apiToAgentSchema,
  MAX_SAMPLES,
  packReport,
  type Report,
  type ReportAnswer,
  reportAnswerSchema,
  tailsAnswerSchema,
} from '@berth/shared/protocol/agent';
import type { CallAnswer } from '@berth/shared/protocol/call';
import { unpack } from '@berth/shared/protocol/packed';
import { HEARTBEATS_SPARED } from '@berth/shared/protocol/report-pace';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { io, type Socket } from 'socket.io-client';
import type { AgentLog } from '../log.ts';
import type { StoredTail } from '../logs/attempt-output.ts';
import { signChallenge } from './identity.ts';
import type { Outbox } from './outbox.ts';
import { websocketFor } from './websocket.ts';

const TAILS_MS = 10_000;
const RECONNECT = { reconnectionDelay: 250, reconnectionDelayMax: 10_000, randomizationFactor: 0.5, timeout: 10_000 };

export interface SessionView {
  facts(): HostFacts;
  engine(): AgentMessage<'hello'>['engine'];
  /** Familiar names and digests on the host, as last looked at. */
  images(): string[];
  generation(): number;
  /** Seconds since the start of the machine. */
  now(): number;
  policy(): HostPolicy;
  bundle(): AgentBundle;
}

export interface SessionEvents {
  welcome(message: ApiMessage<'welcome'>): void;
  assign(message: ApiMessage<'assign'>): Promise<boolean>;
  call(message: ApiMessage<'call'>): Promise<CallAnswer>;
  watch(message: ApiMessage<'watch'>): void;
  /** The api has answered what was said at this time of the machine. */
  heard(saidAt: number): void;
  /** For ever: the agent stops. */
  refused(message: ApiMessage<'refused'>): void;
}

export interface SessionOptions {
  url: string;
  hostId: string;
  /** The present one: it may be replaced. */
  key(): KeyObject;
  instanceId: string;
  view: SessionView;
  outbox: Outbox;
  events: SessionEvents;
  log: AgentLog;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #socket: Socket;
  #heartbeat: NodeJS.Timeout | null = null;
  #heartbeatMs = 0;
  #beatAt = 0;
  #imagesSaid: string[] | null = null;
  #welcomed = false;
  #helloAt = 0;
  /** The version that both ends speak. */
  #spoken = PROTOCOL_VERSION;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#socket = io(new URL(AGENT_NAMESPACE, options.url).href, {
      path: SOCKET_PATH,
      transports: [websocketFor(options.url)],
      autoConnect: false,
      ...RECONNECT,
    });
    this.#socket.on('message', (data: unknown, answer: unknown) => this.#receive(data, answer));
    this.#socket.on('disconnect', (reason) => this.#lost(reason));
    this.#socket.on('connect_error', (error) => options.log.debug('the api cannot be reached', { why: error.message }));
  }

  open(): void {
    this.#socket.connect();
  }

  close(): void {
    this.#quiet();
    this.#socket.disconnect();
  }

  /** A new handshake, for facts that have changed. */
  renew(): void {
    if (this.#welcomed) this.#socket.disconnect().connect();
  }

  /** The engine's state or the images have changed: say so before the next beat. */
  beat(): void {
    if (!this.#welcomed) return;
    this.#beatAt = performance.now();
    const images = this.#options.view.images();
    const same = images.length === this.#imagesSaid?.length && images.every((name, index) => name === this.#imagesSaid?.[index]);
    this.#imagesSaid = images;
    const saidAt = this.#options.view.now();
    const beat: AgentToApi = {
      type: 'heartbeat',
      engine: this.#options.view.engine(),
      images: same ? null : images,
      at: new Date().toISOString(),
    };
    // An api of version 3 does not answer it.
    if (this.#socket.connected) this.#socket.emit('message', beat, () => this.#options.events.heard(saidAt));
  }

  /** At most once. An api of version 2 does not know them. */
  stats(samples: AttemptSample[]): void {
    if (!this.#welcomed || this.#spoken < 3) return;
    for (let i = 0; i < samples.length; i += MAX_SAMPLES) this.#say({ type: 'stats', samples: samples.slice(i, i + MAX_SAMPLES) });
  }

  /** The ends of what the api has stored of an attempt's output. `unknown`: an api of version 3 does not tell. `later`: ask again. */
  async tails(attemptId: string): Promise<StoredTail[] | 'unknown' | 'later'> {
    if (!this.#welcomed) return 'later';
    if (this.#spoken < 4) return 'unknown';
    const question: AgentToApi = { type: 'tails', attemptId };
    const data: unknown = await this.#socket
      .timeout(TAILS_MS)
      .emitWithAck('message', question)
      .catch(() => null);
    const answer = tailsAnswerSchema.safeParse(data);
    if (!answer.success || !answer.data.ok) return 'later';
    const tails = unpack(answer.data.tails, answer.data.data);
    return tails.map(({ data: bytes, at, ...tail }) => ({ ...tail, at: at === null ? null : Date.parse(at), bytes: Buffer.from(bytes) }));
  }

  #say(message: AgentToApi): void {
    // socket.io would keep it for the next connection, and say it there before the handshake.
    if (this.#socket.connected) this.#socket.emit('message', message);
  }

  #receive(data: unknown, answer: unknown): void {
    const parsed = apiToAgentSchema.safeParse(data);
    if (!parsed.success) {
      this.#options.log.error('the api sent a message that is not in the protocol', { issues: parsed.error.issues.slice(0, 5) });
      return;
    }
    this.#handle(parsed.data, answer);
  }

  #handle(message: ApiToAgent, answer: unknown): void {
    switch (message.type) {
      case 'challenge':
        this.#hello(message);
        break;
      case 'welcome':
        this.#welcome(message);
        break;
      case 'assign':
        this.#assign(message);
        break;
      case 'call':
        // To nobody, where the link has broken meanwhile: socket.io lets go of the callback.
        void this.#options.events.call(message).then((value) => typeof answer === 'function' && answer(value));
        break;
      case 'watch':
        this.#options.events.watch(message);
        break;
      case 'refused':
        this.close();
        this.#options.events.refused(message);
        break;
    }
  }

  #hello({ nonce, protocol }: ApiMessage<'challenge'>): void {
    const { hostId, key, instanceId, view } = this.#options;
    if (protocol.oldest > PROTOCOL_VERSION) {
      const message = `the api speaks protocol ${protocol.oldest} and newer, this agent ${PROTOCOL_VERSION}: update the agent`;
      this.#options.events.refused({ type: 'refused', code: 'agent-too-old', message });
      return;
    }
    this.#spoken = Math.min(PROTOCOL_VERSION, protocol.newest);
    const images = view.images();
    this.#imagesSaid = images;
    this.#helloAt = view.now();
    this.#say({
      type: 'hello',
      hostId,
      protocol: this.#spoken,
      signature: signChallenge(key(), hostId, nonce),
      instanceId,
      facts: view.facts(),
      engine: view.engine(),
      generation: view.generation(),
      images,
      at: new Date().toISOString(),
      // Before version 4 an api does not know of it.
      ...(this.#spoken >= 4 && { policy: view.policy(), bundle: view.bundle() }),
    });
  }

  #welcome(message: ApiMessage<'welcome'>): void {
    this.#welcomed = true;
    this.#options.log.info('connected', { sessionId: message.sessionId });
    this.#options.events.heard(this.#helloAt);
    this.#options.events.welcome(message);
    this.#options.outbox.online((report, asText) => this.#report(report, asText), message.logs);
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#heartbeatMs = message.heartbeatSeconds * 1000;
    this.#beatAt = performance.now();
    this.#heartbeat = setInterval(() => this.beat(), this.#heartbeatMs);
  }

  #assign(message: ApiMessage<'assign'>): void {
    void this.#options.events.assign(message).then(
      (accepted) => {
        const generation = this.#options.view.generation();
        if (!accepted || !this.#options.outbox.confirm(generation)) this.#say({ type: 'assigned', generation, accepted });
      },
      // It ends, and could not keep the set: it confirms nothing.
      () => undefined,
    );
  }

  #report(report: Report, asText: boolean) {
    const saidAt = this.#options.view.now();
    return new Promise<ReportAnswer>((resolve) => {
      this.#socket.emit('message', packReport(report, asText), (data: unknown) => {
        const answer = reportAnswerSchema.safeParse(data);
        if (!answer.success) return resolve({ ok: false, retryInMs: 5000, message: 'the answer is not in the protocol' });
        if (answer.data.ok && answer.data.seen) this.#seen(saidAt);
        resolve(answer.data);
      });
    });
  }

  /** The next heartbeat is due a whole interval from now. */
  #seen(saidAt: number): void {
    this.#options.events.heard(saidAt);
    if (performance.now() - this.#beatAt < HEARTBEATS_SPARED * this.#heartbeatMs) this.#heartbeat?.refresh();
  }

  #lost(reason: string): void {
    this.#quiet();
    this.#options.log.warn('the link to the api is lost', { why: reason });
    // socket.io does not redial by itself where the far side closed the connection in order.
    if (reason === 'io server disconnect') setTimeout(() => this.#socket.connect(), RECONNECT.reconnectionDelay * (1 + Math.random()));
  }

  #quiet(): void {
    this.#welcomed = false;
    this.#options.outbox.offline();
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#heartbeat = null;
  }
}
