/**
 * An agent that speaks the real protocol (packages/shared/src/protocol/agent.ts) to a real api, over a simulated engine.
 * It is held to the same contract suite as the real one (agent-contract.ts). Many of them run in one process.
 */
import { randomUUID } from 'node:crypto';
import { AGENT_NAMESPACE, SOCKET_PATH } from '@berth/shared/events/console-socket';
import type { AgentBundle } from '@berth/shared/model/agent-bundle';
import type { HostFacts } from '@berth/shared/model/host';
import { DEFAULT_POLICY, type HostPolicy } from '@berth/shared/model/host-policy';
import { isTerminal } from '@berth/shared/model/phase';
import {
  type AgentToApi,
  type ApiMessage,
  type Assignment,
  apiToAgentSchema,
  MAX_REPORT_LOG_BYTES,
  packReport,
  type ReportAnswer,
  reportAnswerSchema,
} from '@berth/shared/protocol/agent';
import type { CallAnswer, CallOf } from '@berth/shared/protocol/call';
import { CONFIRM_WAITS_MS, HEARTBEATS_SPARED } from '@berth/shared/protocol/report-pace';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { io, type Socket } from 'socket.io-client';
import type { SimulatedEngine } from './simulated-engine.ts';
import { type SimulatedIdentity, signChallenge } from './simulated-identity.ts';
import { Outbox } from './simulated-outbox.ts';

/** What stays on the host when the agent is gone: its identity, its ledger and its engine. */
export interface SimulatedHost {
  identity: SimulatedIdentity;
  facts: HostFacts;
  engine: SimulatedEngine;
  /** As its policy file would have it; nothing out of the ordinary where absent. */
  policy?: HostPolicy;
  /** What its agent says of the file that it runs from; as if there were updates where absent. */
  bundle?: AgentBundle;
  /** What its next updates come to; "done" where absent. `never`: it begins, and nothing more is heard of it. */
  updates?: 'done' | 'failed' | 'never';
  ledger: { generation: number; assignments: Map<string, Assignment> };
}

const bundleOf = ({ bundle }: SimulatedHost): AgentBundle => bundle ?? { sha256: 'simulated', fixed: null, update: null };

export class SimulatedAgent {
  readonly host: SimulatedHost;
  /** The api's last refusal, and the end of dialling. */
  refusal: ApiMessage<'refused'> | null = null;
  readonly #url: string;
  readonly #socket: Socket;
  readonly #instanceId = randomUUID();
  readonly #outbox: Outbox;
  #session: 'none' | 'open' = 'none';
  #heartbeat: NodeJS.Timeout | undefined;
  #heartbeatMs = 0;
  #beatAt = 0;
  #inFlight = false;
  /** When the next report is to go; null: nothing waits for one. */
  #due: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(url: string, host: SimulatedHost) {
    this.#url = url;
    this.host = host;
    this.#outbox = new Outbox(host.engine);
    host.engine.changed = (attemptId) => this.#observe(attemptId);
    // What the engine went on doing while no agent was there is observed first.
    for (const attemptId of host.ledger.assignments.keys()) this.#outbox.touch(attemptId);
    this.#socket = io(`${this.#url}${AGENT_NAMESPACE}`, {
      path: SOCKET_PATH,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 500,
    });
    this.#socket.on('message', (payload: unknown, answer?: (value: CallAnswer) => void) => this.#receive(payload, answer));
    this.#socket.on('disconnect', (reason) => this.#disconnected(reason));
  }

  get connected(): boolean {
    return this.#session === 'open';
  }

  /** Ends the agent as kill -9 would: nothing is said, the engine and its containers go on. */
  crash(): void {
    this.host.engine.changed = () => undefined;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retry);
    clearTimeout(this.#timer);
    this.#session = 'none';
    this.#socket.disconnect();
  }

  /** Ends the agent and its containers. */
  close(): void {
    this.crash();
    this.host.engine.close();
  }

  #send(message: AgentToApi): void {
    this.#socket.emit('message', message);
  }

  #disconnected(reason: string): void {
    this.#session = 'none';
    this.#inFlight = false;
    clearInterval(this.#heartbeat);
    this.#outbox.linkBroken();
    // The client dials again by itself, except after a disconnect that the server asked for.
    if (reason === 'io server disconnect' && this.refusal === null) this.#socket.connect();
  }

  #receive(payload: unknown, answer?: (value: CallAnswer) => void): void {
    const message = apiToAgentSchema.parse(payload);
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
      case 'refused':
        this.refusal = message;
        this.#socket.disconnect();
        break;
      case 'watch':
        break;
      case 'call':
        if (message.call.name === 'agent.update') answer?.(this.#update(message.call));
        // Its containers leave nothing behind.
        else if (message.call.name === 'volume.remove') answer?.({ ok: true, value: {} });
        else if (message.call.name === 'volume.measure') answer?.({ ok: true, value: { sizes: [] } });
        else answer?.({ ok: false, code: 'refused', message: 'a simulated container holds nothing to look at' });
        break;
    }
  }

  /** As a real one does: begun at once, told by the next handshake. */
  #update({ update, version, sha256 }: CallOf<'agent.update'>): CallAnswer {
    const { host } = this;
    const { fixed } = bundleOf(host);
    if (fixed !== null) return { ok: false, code: 'refused', message: fixed };
    if (host.updates === 'never') return { ok: true, value: {} };
    const done = host.updates !== 'failed';
    if (done) {
      host.bundle = { sha256, fixed, update: { id: update, state: 'done', message: `runs version ${version}` } };
      host.facts = { ...host.facts, agentVersion: version };
    } else {
      host.bundle = { ...bundleOf(host), update: { id: update, state: 'failed', message: 'it did not start; the version before goes on' } };
    }
    setImmediate(() => this.#session === 'open' && this.#socket.disconnect().connect());
    return { ok: true, value: {} };
  }

  #hello({ nonce }: ApiMessage<'challenge'>): void {
    const { identity, facts, engine, ledger, policy } = this.host;
    this.#send({
      type: 'hello',
      hostId: identity.hostId,
      protocol: PROTOCOL_VERSION,
      signature: signChallenge(identity, nonce),
      instanceId: this.#instanceId,
      facts,
      engine: { ready: true, message: 'ready' },
      generation: ledger.generation,
      images: [...engine.images].slice(0, 500),
      policy: policy ?? DEFAULT_POLICY,
      bundle: bundleOf(this.host),
    });
  }

  #welcome(message: ApiMessage<'welcome'>): void {
    this.#session = 'open';
    this.#outbox.welcomed();
    for (const offsets of message.logs) this.#outbox.stored(offsets);
    clearInterval(this.#heartbeat);
    this.#heartbeatMs = message.heartbeatSeconds * 1000;
    this.#beatAt = performance.now();
    this.#heartbeat = setInterval(() => {
      this.#beatAt = performance.now();
      this.#send({ type: 'heartbeat', engine: { ready: true, message: 'ready' }, images: [...this.host.engine.images].slice(0, 500) });
    }, this.#heartbeatMs);
    this.#schedule();
  }

  #assign(message: ApiMessage<'assign'>): void {
    const { ledger, engine } = this.host;
    if (message.mode === 'delta' && message.base !== ledger.generation) {
      this.#send({ type: 'assigned', generation: ledger.generation, accepted: false });
      return;
    }
    const drops =
      message.mode === 'delta'
        ? message.drop
        : [...ledger.assignments.keys()]
            .filter((attemptId) => !message.put.some((assignment) => assignment.attemptId === attemptId))
            .map((attemptId) => ({ attemptId, removeContainer: true }));
    for (const { attemptId } of drops) {
      ledger.assignments.delete(attemptId);
      engine.remove(attemptId);
      this.#outbox.forget(attemptId);
    }
    for (const assignment of message.put) ledger.assignments.set(assignment.attemptId, assignment);
    ledger.generation = message.generation;
    if (this.#outbox.confirm(message.generation)) this.#schedule(CONFIRM_WAITS_MS);
    else this.#send({ type: 'assigned', generation: message.generation, accepted: true });
    for (const assignment of message.put) this.#reconcile(assignment);
  }

  /** Level, not edge (law L3): from what is assigned and what is there, whatever came before. */
  #reconcile(assignment: Assignment): void {
    const { attemptId, desired, phase, spec } = assignment;
    const container = this.host.engine.containers.get(attemptId);
    if (container) {
      if (desired === 'stop') container.stop();
      if (desired === 'kill') container.kill();
      this.#observe(attemptId);
      return;
    }
    if (isTerminal(phase)) return;
    // An attempt starts a container at most once (law L5): one that had started and is not there is gone.
    const hadStarted = phase === 'starting' || phase === 'running' || phase === 'stopping';
    if (!hadStarted && (desired === 'run' || desired === 'pause')) {
      this.host.engine.run(attemptId, spec);
      return;
    }
    if (hadStarted) this.#outbox.synthesise(attemptId, 'failed', 'container-gone', 'the container is no longer on the host');
    else this.#outbox.synthesise(attemptId, 'cancelled', 'cancelled', 'cancelled before it ran');
    this.#schedule();
  }

  #observe(attemptId: string): void {
    this.#outbox.touch(attemptId);
    this.#schedule(this.#outbox.delayOf(attemptId, this.#sentAt));
  }

  /** At the pace of a real one: what follows soon goes up together. */
  #schedule(delayMs = 0): void {
    const due = Date.now() + delayMs;
    if (this.#due !== null && this.#due <= due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), delayMs);
  }

  /** One report at a time; the next one takes what came meanwhile. */
  #flush(): void {
    this.#due = null;
    if (this.#session !== 'open' || this.#inFlight) return;
    const report = this.#outbox.take(MAX_REPORT_LOG_BYTES);
    if (report === null) return;
    this.#inFlight = true;
    this.#sentAt = Date.now();
    this.#socket.emit('message', packReport(report, this.#outbox.gatherMs > 0), (payload: unknown) =>
      this.#answered(reportAnswerSchema.parse(payload)),
    );
  }

  #answered(answer: ReportAnswer): void {
    this.#inFlight = false;
    if (!answer.ok) {
      this.#outbox.linkBroken();
      this.#retry = setTimeout(() => this.#flush(), answer.retryInMs);
      return;
    }
    if (answer.seen && performance.now() - this.#beatAt < HEARTBEATS_SPARED * this.#heartbeatMs) this.#heartbeat?.refresh();
    this.#outbox.confirmed(answer);
    for (const attemptId of answer.unknown) this.#outbox.forget(attemptId);
    const delay = this.#outbox.nextDelay(this.#sentAt);
    if (delay !== null) this.#schedule(delay);
  }
}
