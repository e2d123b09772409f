/**
 * The agents' door (socket.io, namespace AGENT_NAMESPACE). challenge → hello (signed) → welcome → the whole set; then messages.
 * A socket belongs to one session; what is not understood is answered and logged, and never ends the process.
 */
import { randomBytes } from 'node:crypto';
import { AGENT_NAMESPACE, SOCKET_PATH } from '@berth/shared/events/console-socket';
import { newId } from '@berth/shared/model/ids';
import {
  type AgentMessage,
  type AgentToApi,
  type ApiToAgent,
  agentToApiSchema,
  challengeText,
  type TailsAnswer,
  unpackReport,
} from '@berth/shared/protocol/agent';
import { pack } from '@berth/shared/protocol/packed';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { Inject, Logger } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import { isSignedBy } from '../auth/host-keys.ts';
import { ENV, type Env } from '../config/env.ts';
import { AgentUpdateSteps } from '../persistence/agent-update-steps.ts';
import { HostKeyRepository } from '../persistence/host-key-repository.ts';
import { LogTailsRepository } from '../persistence/log-tails-repository.ts';
import { RegistryRepository } from '../persistence/registry-repository.ts';
import { SecretValues } from '../persistence/secret-values.ts';
import { type KnownHost, SessionRepository } from '../persistence/session-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { SampleIngest } from '../stats/sample-ingest.ts';
import { AgentSession } from './agent-session.ts';
import { AgentSessions } from './agent-sessions.ts';
import { AssignmentReader } from './assignment-reader.ts';
import { Liveness } from './liveness.ts';
import { type Answer, ReportIngest } from './report-ingest.ts';

const HELLO_MS = 10_000;
const NOT_UNDERSTOOD_RETRY_MS = 60_000;

@WebSocketGateway({ namespace: AGENT_NAMESPACE, path: SOCKET_PATH })
export class AgentGateway implements OnGatewayConnection<Socket> {
  private readonly log = new Logger('AgentGateway');

  constructor(
    private readonly hosts: SessionRepository,
    private readonly keys: HostKeyRepository,
    private readonly updates: AgentUpdateSteps,
    private readonly assignments: AssignmentReader,
    private readonly registries: RegistryRepository,
    private readonly secrets: SecretValues,
    private readonly sessions: AgentSessions,
    private readonly ingest: ReportIngest,
    private readonly liveness: Liveness,
    private readonly wakeups: Wakeups,
    private readonly samples: SampleIngest,
    private readonly tails: LogTailsRepository,
    @Inject(ENV) private readonly env: Env,
  ) {}

  handleConnection(socket: Socket): void {
    const nonce = randomBytes(32).toString('base64');
    const silent = setTimeout(() => socket.disconnect(true), HELLO_MS);
    let session: AgentSession | 'none' | 'opening' = 'none';
    socket.on('message', (payload: unknown, reply: unknown) => {
      const answer = typeof reply === 'function' ? (value: unknown) => reply(value) : () => undefined;
      const parsed = agentToApiSchema.safeParse(payload);
      if (!parsed.success) {
        this.log.warn(`not understood from ${session instanceof AgentSession ? session.of.hostId : socket.id}: ${parsed.error.message}`);
        answer({ ok: false, retryInMs: NOT_UNDERSTOOD_RETRY_MS, message: 'the message is not one of the protocol' });
        return;
      }
      if (session instanceof AgentSession) {
        this.receive(session, parsed.data, answer);
      } else if (session === 'none' && parsed.data.type === 'hello') {
        session = 'opening';
        clearTimeout(silent);
        // The session takes messages before the agent hears of it: what comes after the welcome must not meet a closed door.
        const begin = (opened: AgentSession) => {
          session = opened;
        };
        this.open(socket, nonce, parsed.data, begin).catch((error: unknown) => {
          this.log.error(`cannot open a session: ${error instanceof Error ? error.message : String(error)}`);
          socket.disconnect(true);
        });
      }
    });
    socket.on('disconnect', () => {
      clearTimeout(silent);
      if (session instanceof AgentSession) this.close(session);
    });
    send(socket, { type: 'challenge', nonce, protocol: { oldest: OLDEST_PROTOCOL_VERSION, newest: PROTOCOL_VERSION } });
  }

  private async open(socket: Socket, nonce: string, hello: AgentMessage<'hello'>, begin: (session: AgentSession) => void): Promise<void> {
    const host = await this.admit(socket, nonce, hello);
    if (!host) return;
    const of = { hostId: host.id, workspaceId: host.workspaceId, sessionId: newId('session'), protocol: hello.protocol };
    const { hostId, sessionId } = of;
    const { facts, engine, images, instanceId, policy = null, bundle = null } = hello;
    const address = socket.handshake.address.replace(/^::ffff:/, '');
    const clockOffsetMs = offsetOf(hello.at);
    const opening = { hostId, sessionId, instanceId, address, clockOffsetMs, protocol: of.protocol, facts, engine, images, policy, bundle };
    // Before it can be given anything: what it is given depends on it.
    const engineId = facts.engine?.id ?? host.engineId;
    if (engineId !== null && engineId !== host.engineId) await this.hosts.settleEngine(hostId, engineId);
    const { replacedInstanceId } = await this.hosts.open(opening);
    if (bundle?.update && (await this.updates.heard(hostId, bundle.update))) this.wakeups.notify(`events:${host.workspaceId}`);
    // The session before is another agent's, here or at another replica, which finds out by this wake-up; or it is this one's broken link.
    this.sessions.replace(hostId, replacedInstanceId === instanceId);
    const logs = await this.hosts.logOffsets(hostId);
    if (!socket.connected) {
      this.liveness.disconnected(hostId, sessionId);
      return;
    }
    const session = new AgentSession(of, {
      assignments: this.assignments,
      registries: this.registries,
      secrets: this.secrets,
      send: (message) => send(socket, message),
      ask: (message, timeoutMs) => ask(socket, message, timeoutMs),
      end: () => socket.disconnect(true),
      fenceAfter: (spec) => this.liveness.fenceAfter(spec),
    });
    begin(session);
    send(socket, { type: 'welcome', sessionId, heartbeatSeconds: this.env.HEARTBEAT_SECONDS, logs });
    this.sessions.add(session);
    this.wakeups.notify(`host:${hostId}`);
    await this.liveness.connected(hostId);
  }

  private async admit(socket: Socket, nonce: string, hello: AgentMessage<'hello'>): Promise<KnownHost | null> {
    const refuse = (code: Extract<ApiToAgent, { type: 'refused' }>['code'], message: string): null => {
      send(socket, { type: 'refused', code, message });
      socket.disconnect(true);
      return null;
    };
    if (hello.protocol < OLDEST_PROTOCOL_VERSION) {
      return refuse(
        'agent-too-old',
        `this agent speaks version ${hello.protocol} of the protocol; the oldest spoken here is ${OLDEST_PROTOCOL_VERSION}`,
      );
    }
    const host = await this.hosts.find(hello.hostId);
    if (!host) return refuse('unknown-host', `there is no host ${hello.hostId}: it was removed, or enrolled somewhere else`);
    if (host.keyRevokedAt) {
      return refuse(
        'unknown-host',
        `the key of ${host.name} was revoked: remove the host, empty the agent's home folder and enrol the machine anew`,
      );
    }
    const text = challengeText(host.id, nonce);
    if (isSignedBy(host.publicKey, text, hello.signature)) return host;
    if (host.nextPublicKey === null || !isSignedBy(host.nextPublicKey, text, hello.signature)) {
      return refuse('bad-signature', 'the signature is not that of the key of this host');
    }
    await this.keys.settle(host.workspaceId, host.id, host.nextPublicKey);
    this.wakeups.notify(`events:${host.workspaceId}`);
    return host;
  }

  private receive(session: AgentSession, message: AgentToApi, answer: (value: unknown) => void): void {
    const { hostId, sessionId } = session.of;
    switch (message.type) {
      case 'hello':
        return;
      case 'heartbeat':
        this.liveness.heartbeat(
          {
            hostId,
            sessionId,
            engineReady: message.engine.ready,
            engineMessage: message.engine.message,
            images: message.images,
            clockOffsetMs: offsetOf(message.at),
            confirmed: session.confirmed,
          },
          () => answer({ ok: true }),
        );
        return;
      case 'tails':
        this.tellTails(hostId, message.attemptId, answer);
        return;
      case 'assigned':
        session.assigned(message.generation, message.accepted);
        return;
      case 'stats':
        void this.samples.take(hostId, message.samples);
        return;
      case 'report':
        if (message.assigned !== undefined) session.assigned(message.assigned, true);
        this.ingest.report(session, unpackReport(message), (result) => this.answer(session, result, answer));
        return;
    }
  }

  private tellTails(hostId: string, attemptId: string, answer: (value: TailsAnswer) => void): void {
    this.tails.of(hostId, attemptId).then(
      (tails) => {
        const { heads, data } = pack(tails);
        answer({ ok: true, tails: heads, data });
      },
      (error: unknown) => {
        this.log.warn(`cannot read the end of the output of ${attemptId}: ${error instanceof Error ? error.message : String(error)}`);
        answer({ ok: false, message: 'the log cannot be read now' });
      },
    );
  }

  private answer(session: AgentSession, result: Answer, answer: (value: unknown) => void): void {
    // Not answered: the agent keeps the report for the session that may send it.
    if (result === 'stale') session.wake();
    else answer(result);
  }

  private close(session: AgentSession): void {
    session.close();
    this.sessions.remove(session);
    this.liveness.disconnected(session.of.hostId, session.of.sessionId);
  }
}

function send(socket: Socket, message: ApiToAgent): void {
  socket.emit('message', message);
}

/** Rejects where the time is up, or the link breaks before that. */
function ask(socket: Socket, message: ApiToAgent, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const broken = () => reject(new Error('the link to the agent broke'));
    socket.once('disconnect', broken);
    socket.timeout(timeoutMs).emit('message', message, (error: Error | null, answer: unknown) => {
      socket.off('disconnect', broken);
      if (error) reject(error);
      else resolve(answer);
    });
  });
}

/** How far the clock of a host is ahead of ours; its message may have been under way for a while. */
const offsetOf = (at: string | undefined): number | null => (at === undefined ? null : Date.parse(at) - Date.now());
