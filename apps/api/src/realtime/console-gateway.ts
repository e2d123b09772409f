/**
 * The console's door (socket.io, namespace CONSOLE_NAMESPACE; contracts in events/console-socket.ts). Each subscription is a loop over
 * a stream that goes on only when the client has acknowledged the batch before: a slow browser slows itself, and holds nothing here.
 */
import { BerthError } from '@berth/shared/errors/problem';
import {
  CONSOLE_NAMESPACE,
  type Push,
  SOCKET_PATH,
  type Subscribe,
  type SubscribeAnswer,
  sizeSchema,
  subscribeSchema,
  takenSchema,
  typeSchema,
  unsubscribeSchema,
} from '@berth/shared/events/console-socket';
import { Inject, Logger } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { Authenticator, type Principal, workspaceFor } from '../auth/principal.ts';
import { ENV, type Env } from '../config/env.ts';
import { AttachedInputs } from './attached-input.ts';
import { LogViewers } from './log-viewer.ts';
import { credentialsOf } from './socket-credentials.ts';
import { Subscriptions } from './subscriptions.ts';
import { TerminalViewers } from './terminal-viewer.ts';

/** How often an open socket is asked again whether it may still listen: a revoked token or a sign-out ends it this soon. */
const RECHECK_MS = 60_000;
const MOST_SUBSCRIPTIONS = 64;
/** A client that does not take a batch in this time is gone, or stuck; it comes back with its cursor. */
const TAKE_MS = 60_000;

@WebSocketGateway({ namespace: CONSOLE_NAMESPACE, path: SOCKET_PATH })
export class ConsoleGateway implements OnGatewayInit<Namespace>, OnGatewayConnection<Socket> {
  private readonly log = new Logger('ConsoleGateway');

  constructor(
    private readonly authenticator: Authenticator,
    private readonly subscriptions: Subscriptions,
    private readonly logs: LogViewers,
    private readonly terminals: TerminalViewers,
    private readonly inputs: AttachedInputs,
    @Inject(ENV) private readonly env: Env,
  ) {}

  /** Who may not come in hears `unauthenticated` as the connection's error. */
  afterInit(namespace: Namespace): void {
    namespace.use((socket, next) => {
      this.principalOf(socket).then(
        (principal) => next(principal ? undefined : new Error('unauthenticated')),
        () => next(new Error('unavailable')),
      );
    });
  }

  handleConnection(socket: Socket): void {
    const open = new Map<string, AbortController>();
    const recheck = setInterval(() => {
      this.principalOf(socket).then(
        (principal) => {
          if (!principal) socket.disconnect(true);
        },
        () => undefined,
      );
    }, RECHECK_MS);
    socket.on('subscribe', (payload: unknown, reply: unknown) => {
      void this.subscribe(socket, open, payload).then((answer) => {
        if (typeof reply === 'function') reply(answer);
      });
    });
    socket.on('unsubscribe', (payload: unknown) => {
      const parsed = unsubscribeSchema.safeParse(payload);
      if (parsed.success) open.get(parsed.data.sub)?.abort();
    });
    socket.on('taken', (payload: unknown) => {
      const parsed = takenSchema.safeParse(payload);
      if (parsed.success) this.logs.taken(socket, parsed.data.sub, parsed.data.next);
    });
    socket.on('type', (payload: unknown) => {
      const parsed = typeSchema.safeParse(payload);
      if (!parsed.success) return;
      this.terminals.type(socket, parsed.data.sub, parsed.data.data);
      this.inputs.type(socket, parsed.data.sub, parsed.data.data);
    });
    socket.on('size', (payload: unknown) => {
      const parsed = sizeSchema.safeParse(payload);
      if (!parsed.success) return;
      this.terminals.resize(socket, parsed.data.sub, parsed.data.columns, parsed.data.rows);
      this.inputs.resize(socket, parsed.data.sub, parsed.data.columns, parsed.data.rows);
    });
    socket.on('disconnect', () => {
      clearInterval(recheck);
      for (const subscription of open.values()) subscription.abort();
    });
  }

  private async subscribe(socket: Socket, open: Map<string, AbortController>, payload: unknown): Promise<SubscribeAnswer> {
    const parsed = subscribeSchema.safeParse(payload);
    if (!parsed.success) return { ok: false, code: 'invalid-request', detail: parsed.error.issues[0]?.message ?? 'not a subscription' };
    const wanted = parsed.data;
    if (open.has(wanted.sub)) return { ok: false, code: 'conflict', detail: `there is a subscription "${wanted.sub}" already` };
    if (open.size >= MOST_SUBSCRIPTIONS)
      return { ok: false, code: 'rate-limited', detail: `at most ${MOST_SUBSCRIPTIONS} subscriptions on one socket` };
    const ending = new AbortController();
    open.set(wanted.sub, ending);
    try {
      const principal = await this.principalOf(socket);
      const workspace = principal && workspaceFor(principal, wanted.workspace);
      if (!workspace) throw new BerthError('not-found', `There is no workspace "${wanted.workspace}".`);
      const { cursor, pump } = await this.open(socket, principal, workspace.id, wanted, ending.signal);
      // The answer first: the first batch must not overtake it.
      setImmediate(() => void this.run(socket, wanted.sub, pump, ending).finally(() => open.delete(wanted.sub)));
      return { ok: true, cursor };
    } catch (error) {
      open.delete(wanted.sub);
      return { ok: false, ...this.explain(error) };
    }
  }

  /** `pump` resolves at the end of the subscription. */
  private async open(
    socket: Socket,
    { actor }: Principal,
    workspaceId: string,
    wanted: Subscribe,
    signal: AbortSignal,
  ): Promise<{ cursor: string | number | null; pump: () => Promise<void> }> {
    const deliver = (push: Push): Promise<void> => socket.timeout(TAKE_MS).emitWithAck('push', push);
    if (wanted.channel === 'log') {
      const { sub, run: runId, after } = wanted;
      const head = await this.subscriptions.logEnd(workspaceId, runId);
      return { cursor: after, pump: () => this.logs.view(socket, { workspaceId, runId, sub, after, head }, deliver, signal) };
    }
    if (wanted.channel === 'terminal') {
      const { sub, run: runId, terminal, after } = wanted;
      const view = { workspaceId, runId, terminal, sub, after };
      await this.terminals.enter(socket, view);
      return { cursor: after, pump: () => this.terminals.view(socket, view, deliver, signal) };
    }
    if (wanted.channel === 'input') {
      const { sub, run: runId } = wanted;
      await this.inputs.enter(socket, { workspaceId, runId, sub, actor });
      return { cursor: null, pump: () => this.inputs.hold(socket, sub, signal) };
    }
    const { cursor, pushes } = await this.subscriptions.open(workspaceId, wanted, signal);
    const pump = async () => {
      for await (const push of pushes) {
        if (signal.aborted) return;
        await deliver(push);
      }
    };
    return { cursor, pump };
  }

  private async run(socket: Socket, sub: string, pump: () => Promise<void>, ending: AbortController): Promise<void> {
    try {
      await pump();
    } catch (error) {
      if (!ending.signal.aborted) socket.emit('push', { channel: 'ended', sub, ...this.explain(error) } satisfies Push);
    } finally {
      ending.abort();
    }
  }

  private principalOf(socket: Socket): Promise<Principal | null> {
    const credentials = credentialsOf(socket.handshake, this.env.PUBLIC_URL);
    return credentials ? this.authenticator.authenticate(credentials) : Promise.resolve(null);
  }

  private explain(error: unknown): { code: string; detail: string } {
    if (error instanceof BerthError) return { code: error.code, detail: error.detail };
    this.log.error(error);
    return { code: 'internal', detail: 'the subscription ended because of an error of Berth itself; subscribe again' };
  }
}
