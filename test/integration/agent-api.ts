/**
 * The far side of the agent's protocol, as small as it can be: it enrols anybody, keeps in memory what an api keeps in Postgres,
 * and holds what arrives to the protocol's rules (no gap in the output, no phase backwards).
 */
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AGENT_NAMESPACE, SOCKET_PATH } from '@berth/shared/events/console-socket';
import { isTerminal, transitionOfLives } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { RunSpec } from '@berth/shared/model/run';
import {
  type AgentMessage,
  type ApiToAgent,
  type Assignment,
  type AttemptReport,
  agentToApiSchema,
  challengeText,
  enrolRequestSchema,
  type LogReport,
  type Report,
  type ReportAnswer,
  TAIL_BYTES,
  type TailsAnswer,
  unpackReport,
} from '@berth/shared/protocol/agent';
import { type Call, type CallAnswer, callAnswerSchema } from '@berth/shared/protocol/call';
import { pack } from '@berth/shared/protocol/packed';
import { Server, type Socket } from 'socket.io';

export class StoredAttempt {
  readonly assignment: Assignment;
  readonly phases: AttemptReport[] = [];
  readonly pulls: Pull[] = [];
  readonly parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  readonly bytes = { stdout: 0, stderr: 0 };
  readonly dropped: LogReport[] = [];
  /** The end of each stream, up to its last gap. */
  readonly #tails = { stdout: new Uint8Array(0), stderr: new Uint8Array(0) };
  readonly #at = { stdout: '', stderr: '' };

  constructor(assignment: Assignment) {
    this.assignment = assignment;
  }

  get last(): AttemptReport | undefined {
    return this.phases.at(-1);
  }

  get over(): boolean {
    return this.last !== undefined && isTerminal(this.last.phase);
  }

  output(stream: 'stdout' | 'stderr'): Buffer {
    return Buffer.concat(this.parts[stream]);
  }

  log(report: LogReport): void {
    const have = this.bytes[report.stream];
    if (report.offset > have) throw new Error(`gap in ${report.stream} of ${report.attemptId}: have ${have}, got ${report.offset}`);
    const fresh = report.data.subarray(have - report.offset);
    // What is stored already may come again from an agent that was killed before it kept that it is: the api drops it by its offset.
    if (this.over && (fresh.length > 0 || report.offset + report.dropped > have)) {
      throw new Error(
        `output of ${report.attemptId} after its end: ${report.offset} to ${report.offset + report.data.length}, had ${have}`,
      );
    }
    if (this.over) return;
    if (report.dropped > 0) this.dropped.push(report);
    this.parts[report.stream].push(Uint8Array.from(fresh));
    this.#at[report.stream] = report.at;
    const tail = report.dropped > 0 ? fresh : Buffer.concat([this.#tails[report.stream], fresh]);
    this.#tails[report.stream] = Uint8Array.from(tail.subarray(-TAIL_BYTES));
    this.bytes[report.stream] = Math.max(have, report.offset + report.data.length + report.dropped);
  }

  tails(): TailsAnswer {
    const stored = (['stdout', 'stderr'] as const).filter((stream) => this.bytes[stream] > 0);
    const pieces = stored.map((stream) => ({ stream, offset: this.bytes[stream], at: this.#at[stream], data: this.#tails[stream] }));
    const { heads, data } = pack(pieces);
    return { ok: true, tails: heads, data };
  }

  phase(report: AttemptReport): void {
    const before = { phase: this.last?.phase ?? ('assigned' as const), restarts: this.last?.restarts ?? 0 };
    const step = transitionOfLives(before, { phase: report.phase, restarts: report.restarts ?? 0 });
    if (step === 'illegal') throw new Error(`${report.attemptId}: ${before.phase} → ${report.phase}`);
    if (step !== 'stale') this.phases.push(report);
  }
}

export class AgentApi {
  readonly #http: HttpServer;
  readonly #io: Server;
  readonly attempts = new Map<string, StoredAttempt>();
  readonly faults: string[] = [];
  hosts = new Map<string, string>();
  heartbeats: AgentMessage<'heartbeat'>[] = [];
  hellos: AgentMessage<'hello'>[] = [];
  assigned: AgentMessage<'assigned'>[] = [];
  /** Generations that came with a report. */
  confirmedByReports: number[] = [];
  /** How many have come. */
  reports = 0;
  generation = 0;
  url = '';
  refuse = false;
  /** The newest version of the protocol that it says it speaks. */
  newest = 1;
  /** Reports are neither stored nor answered while true. */
  deaf = false;
  /** What it asks for, and says, with every answer to a report. */
  pace: Pick<Extract<ReportAnswer, { ok: true }>, 'gatherMs' | 'seen'> = {};
  /** What it serves as the agent's bundle. */
  bundle = Buffer.alloc(0);
  #sockets = new Set<Socket>();
  #counter = 0;

  constructor() {
    this.#http = createServer((request, response) => void this.#enrol(request, response));
    this.#io = new Server(this.#http, { path: SOCKET_PATH, maxHttpBufferSize: 8e6, transports: ['websocket'] });
    this.#io.of(AGENT_NAMESPACE).on('connection', (socket) => this.#session(socket));
  }

  async start(): Promise<this> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    const address = this.#http.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.url = `http://127.0.0.1:${address.port}`;
    return this;
  }

  async stop(): Promise<void> {
    await this.#io.close();
  }

  get connected(): boolean {
    return this.#sockets.size > 0;
  }

  disconnect(): void {
    for (const socket of this.#sockets) socket.conn.close();
  }

  /** Assigns a run of this spec; told to the agent as a delta. */
  run(spec: RunSpec, extra: Partial<Assignment> = {}): StoredAttempt {
    const number = String(++this.#counter).padStart(4, '0');
    const attemptId = `att_${Date.now().toString(36)}${process.pid}x${number}`;
    const ports = (spec.ports ?? []).map((port) => ({ ...port, hostPort: port.hostPort ?? 30000 + this.#counter }));
    const assignment: Assignment = {
      attemptId,
      runId: `run_${number}`,
      runName: `run-${number}`,
      workspaceId: 'ws_test',
      spec,
      ports,
      desired: 'run',
      phase: 'assigned',
      restarts: 0,
      restartRequests: 0,
      credentials: null,
      ...extra,
    };
    const attempt = new StoredAttempt(assignment);
    this.attempts.set(attemptId, attempt);
    this.#delta([assignment], []);
    return attempt;
  }

  change(attempt: StoredAttempt, desired: Assignment['desired']): void {
    attempt.assignment.desired = desired;
    this.#delta([attempt.assignment], []);
  }

  drop(attempt: StoredAttempt, removeContainer: boolean): void {
    this.attempts.delete(attempt.assignment.attemptId);
    this.#delta([], [{ attemptId: attempt.assignment.attemptId, removeContainer }]);
  }

  #delta(put: Assignment[], drop: { attemptId: string; removeContainer: boolean }[]): void {
    this.generation++;
    this.tell({ type: 'assign', mode: 'delta', base: this.generation - 1, generation: this.generation, put, drop });
  }

  tell(message: ApiToAgent): void {
    for (const socket of this.#sockets) socket.emit('message', message);
  }

  /** Asks the agent once. */
  async call(call: Call): Promise<CallAnswer> {
    const [socket] = this.#sockets;
    if (!socket) throw new Error('no agent is connected');
    return callAnswerSchema.parse(await socket.timeout(10_000).emitWithAck('message', { type: 'call', attemptId: '', call }));
  }

  tellAll(): void {
    this.tell({ type: 'assign', mode: 'full', generation: this.generation, put: this.#open() });
  }

  #open(): Assignment[] {
    return [...this.attempts.values()].filter(({ over }) => !over).map((a) => ({ ...a.assignment, phase: a.last?.phase ?? 'assigned' }));
  }

  async #enrol(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/v1/agents/bundle') return void response.end(this.bundle);
    if (!request.url?.startsWith('/v1/agents/enrol')) return;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { publicKey, joinToken } = enrolRequestSchema.parse(JSON.parse(Buffer.concat(parts).toString()));
    response.setHeader('content-type', 'application/json');
    if (joinToken !== 'join') {
      response.statusCode = 401;
      response.end(JSON.stringify({ detail: 'the join token is not valid' }));
      return;
    }
    const known = [...this.hosts].find(([, key]) => key === publicKey)?.[0];
    const hostId = known ?? `host_${process.pid}x${this.hosts.size + 1}x${Date.now().toString(36)}`;
    this.hosts.set(hostId, publicKey);
    response.end(JSON.stringify({ hostId, hostName: 'test', workspace: 'default' }));
  }

  #session(socket: Socket): void {
    const nonce = `nonce-${Math.random()}`;
    socket.on('message', (data: unknown, answer?: (answer: ReportAnswer | TailsAnswer) => void) => {
      try {
        this.#receive(socket, nonce, data, answer);
      } catch (error) {
        this.faults.push(String(error));
      }
    });
    socket.on('disconnect', () => this.#sockets.delete(socket));
    const challenge: ApiToAgent = { type: 'challenge', nonce, protocol: { oldest: 1, newest: this.newest } };
    socket.emit('message', challenge);
  }

  #receive(socket: Socket, nonce: string, data: unknown, answer?: (answer: ReportAnswer | TailsAnswer) => void): void {
    const message = agentToApiSchema.parse(data);
    switch (message.type) {
      case 'hello':
        this.#hello(socket, nonce, message);
        break;
      case 'heartbeat':
        this.heartbeats.push(message);
        break;
      case 'assigned':
        this.assigned.push(message);
        break;
      case 'tails':
        answer?.(this.attempts.get(message.attemptId)?.tails() ?? { ok: true, tails: [], data: new Uint8Array(0) });
        break;
      case 'report':
        if (!this.deaf) answer?.(this.#report(unpackReport(message)));
        break;
    }
  }

  #hello(socket: Socket, nonce: string, hello: AgentMessage<'hello'>): void {
    this.hellos.push(hello);
    const key = this.hosts.get(hello.hostId);
    const signed =
      key && verify(null, Buffer.from(challengeText(hello.hostId, nonce)), createPublicKey(key), Buffer.from(hello.signature, 'base64'));
    const say = (message: ApiToAgent) => socket.emit('message', message);
    if (!signed || this.refuse) {
      say({ type: 'refused', code: 'unknown-host', message: 'this host was removed from the workspace' });
      return;
    }
    this.#sockets.add(socket);
    const logs = [...this.attempts].filter(([, a]) => !a.over).map(([attemptId, a]) => ({ attemptId, ...a.bytes }));
    say({ type: 'welcome', sessionId: `ses_${this.hellos.length}`, heartbeatSeconds: 0.5, logs });
    say({ type: 'assign', mode: 'full', generation: this.generation, put: this.#open() });
  }

  #report(report: Report): ReportAnswer {
    this.reports++;
    if (report.assigned !== undefined) this.confirmedByReports.push(report.assigned);
    const logs = new Map<string, { attemptId: string; stdout: number; stderr: number }>();
    const unknown = new Set<string>();
    const find = (attemptId: string) => {
      const attempt = this.attempts.get(attemptId);
      if (!attempt) unknown.add(attemptId);
      return attempt;
    };
    let bytes = 0;
    for (const log of report.logs) {
      bytes += log.data.length;
      const attempt = find(log.attemptId);
      attempt?.log(log);
      if (attempt) logs.set(log.attemptId, { attemptId: log.attemptId, ...attempt.bytes });
    }
    if (bytes > 1024 * 1024) throw new Error(`a report of ${bytes} bytes`);
    for (const phase of report.phases) find(phase.attemptId)?.phase(phase);
    for (const { attemptId, pull } of report.pulls) find(attemptId)?.pulls.push(pull);
    return { ok: true, logs: [...logs.values()], unknown: [...unknown], ...this.pace };
  }
}
