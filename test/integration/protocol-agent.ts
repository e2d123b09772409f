/** The bare protocol of an agent, a message at a time: for what a true agent never says, or says only when something breaks. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { AGENT_NAMESPACE, SOCKET_PATH } from '@berth/shared/events/console-socket';
import type { HostPolicy } from '@berth/shared/model/host-policy';
import {
  type AgentToApi,
  type ApiMessage,
  type ApiToAgent,
  type Assignment,
  type AttemptReport,
  apiToAgentSchema,
  challengeText,
  enrolResponseSchema,
  type LogReport,
  packReport,
  type Report,
  type ReportAnswer,
  reportAnswerSchema,
  tailsAnswerSchema,
} from '@berth/shared/protocol/agent';
import { unpack } from '@berth/shared/protocol/packed';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { io, type Socket } from 'socket.io-client';
import { SIMULATED_FACTS } from '../fakes/simulated-identity.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';

export interface ProtocolHost {
  url: string;
  hostId: string;
  privateKey: KeyObject;
}

/** Enrols a host with facts of its own; no agent is connected yet. */
export async function enrolHost(
  client: BerthClient,
  name: string,
  facts: Partial<typeof SIMULATED_FACTS> = {},
  labels: Record<string, string> = {},
): Promise<ProtocolHost> {
  const { token } = await client.createJoinToken({}, labels);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { url } = client.account;
  const response = await fetch(`${url}/v1/agents/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      joinToken: token,
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      name,
      facts: { ...SIMULATED_FACTS, ...facts },
    }),
  });
  return { url, hostId: enrolResponseSchema.parse(await response.json()).hostId, privateKey };
}

export interface ProtocolAgentOptions {
  facts?: Partial<typeof SIMULATED_FACTS>;
  signature?: string;
  protocol?: number;
  /** What its policy file allows; it says nothing of one where absent. */
  policy?: HostPolicy;
}

export class ProtocolAgent {
  /** Everything that the api has said, oldest first. */
  readonly heard: ApiToAgent[] = [];
  readonly assigned = new Map<string, Assignment>();
  readonly instanceId = randomUUID();
  generation = 0;
  /** False: assignments are taken in and not confirmed. */
  confirms = true;
  /** What its heartbeats say. */
  engineReady = true;
  readonly #socket: Socket;
  readonly #host: ProtocolHost;
  readonly #facts: typeof SIMULATED_FACTS;
  readonly #signature: string | undefined;
  readonly #protocol: number;
  readonly #policy: HostPolicy | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(host: ProtocolHost, options: ProtocolAgentOptions = {}) {
    this.#host = host;
    this.#facts = { ...SIMULATED_FACTS, ...options.facts };
    this.#signature = options.signature;
    this.#protocol = options.protocol ?? PROTOCOL_VERSION;
    this.#policy = options.policy;
    const settings = { path: SOCKET_PATH, transports: ['websocket'], forceNew: true, reconnection: false };
    this.#socket = io(`${host.url}${AGENT_NAMESPACE}`, settings);
    this.#socket.on('message', (payload: unknown) => this.#hear(apiToAgentSchema.parse(payload)));
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  said<T extends ApiToAgent['type']>(type: T): ApiMessage<T>[] {
    return this.heard.filter((message): message is ApiMessage<T> => message.type === type);
  }

  send(message: AgentToApi): void {
    this.#socket.emit('message', message);
  }

  /** Rejects where no answer comes within the time. */
  async report(parts: Partial<Report>, timeoutMs = 10_000): Promise<ReportAnswer> {
    const message = packReport({ type: 'report', pulls: [], logs: [], phases: [], ...parts });
    return reportAnswerSchema.parse(await this.#socket.timeout(timeoutMs).emitWithAck('message', message));
  }

  /** The ends of what is stored of each stream. */
  async tails(attemptId: string): Promise<{ stream: string; offset: number; at: string | null; text: string }[]> {
    const question: AgentToApi = { type: 'tails', attemptId };
    const answer = tailsAnswerSchema.parse(await this.#socket.timeout(10_000).emitWithAck('message', question));
    if (!answer.ok) throw new Error(answer.message);
    return unpack(answer.tails, answer.data).map(({ data, ...tail }) => ({ ...tail, text: Buffer.from(data).toString() }));
  }

  /** The attempt of a run, once it is assigned here. */
  attemptOf(runId: string): Promise<string> {
    return eventually(
      `run ${runId} to be assigned to ${this.#host.hostId}`,
      () => [...this.assigned.values()].find((assignment) => assignment.runId === runId)?.attemptId,
      () => this.heard,
    );
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#socket.disconnect();
  }

  #hear(message: ApiToAgent): void {
    this.heard.push(message);
    if (message.type === 'challenge') this.#hello(message.nonce);
    if (message.type === 'welcome') this.#beat(message.heartbeatSeconds);
    if (message.type === 'assign') this.#take(message);
  }

  #beat(seconds: number): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(
      () =>
        this.send({
          type: 'heartbeat',
          engine: { ready: this.engineReady, message: this.engineReady ? 'ready' : 'the engine does not answer' },
          images: null,
        }),
      seconds * 1000,
    );
  }

  #hello(nonce: string): void {
    const { hostId, privateKey } = this.#host;
    this.send({
      type: 'hello',
      hostId,
      protocol: this.#protocol,
      signature: this.#signature ?? sign(null, Buffer.from(challengeText(hostId, nonce)), privateKey).toString('base64'),
      instanceId: this.instanceId,
      facts: this.#facts,
      engine: { ready: true, message: 'ready' },
      generation: this.generation,
      images: ['hello-world:latest'],
      ...(this.#policy && { policy: this.#policy }),
    });
  }

  #take(message: ApiMessage<'assign'>): void {
    if (message.mode === 'full') this.assigned.clear();
    else for (const { attemptId } of message.drop) this.assigned.delete(attemptId);
    for (const assignment of message.put) this.assigned.set(assignment.attemptId, assignment);
    this.generation = message.generation;
    if (this.confirms) this.send({ type: 'assigned', generation: message.generation, accepted: true });
  }
}

export const phaseReport = (attemptId: string, phase: AttemptReport['phase'], change: Partial<AttemptReport> = {}): AttemptReport => ({
  attemptId,
  phase,
  reason: 'running',
  message: `it is ${phase}`,
  at: new Date().toISOString(),
  containerId: null,
  imageDigest: null,
  exitCode: null,
  signal: null,
  oomKilled: false,
  startedAt: null,
  finishedAt: null,
  ...change,
});

export const exited = (attemptId: string): AttemptReport => phaseReport(attemptId, 'exited', { reason: 'completed', exitCode: 0 });

export const logReport = (attemptId: string, offset: number, text: string, change: Partial<LogReport> = {}): LogReport => ({
  attemptId,
  stream: 'stdout',
  offset,
  at: new Date().toISOString(),
  data: Uint8Array.from(Buffer.from(text)),
  dropped: 0,
  droppedReason: null,
  ...change,
});
