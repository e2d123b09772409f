/**
 * One open session of an agent. Invariants:
 * - Assignments are loaded and sent one after another, so their generations never go back on the wire.
 * - A delta's base is what this session was sent last; an agent that says it has another generation gets the whole set.
 * - What the agent has reported the end of is nobody's news: it is told to forget it with its next assignment, or after a while.
 */
import { parseImageReference } from '@berth/shared/model/image-reference';
import { isTerminal } from '@berth/shared/model/phase';
import type { RunSpec } from '@berth/shared/model/run';
import type { ApiToAgent, Assignment, SecretValue } from '@berth/shared/protocol/agent';
import { type Call, type CallAnswer, callAnswerSchema } from '@berth/shared/protocol/call';
import { specForAgent } from '@berth/shared/protocol/spec-since';
import { Logger } from '@nestjs/common';
import type { AssignedAttempt, DroppedAttempt, HostAssignments } from '../persistence/dispatch-repository.ts';
import type { RegistryRepository } from '../persistence/registry-repository.ts';
import type { Pin, SecretValues } from '../persistence/secret-values.ts';
import type { Taker } from '../realtime/handover.ts';
import type { AssignmentReader } from './assignment-reader.ts';

/** How long an agent may take to confirm before it is sent the whole set again. */
const CONFIRM_MS = 5_000;

export interface SessionParts {
  assignments: Pick<AssignmentReader, 'full' | 'changedSince'>;
  registries: Pick<RegistryRepository, 'credentialsFor'>;
  secrets: Pick<SecretValues, 'resolve'>;
  send(message: ApiToAgent): void;
  /** Resolves with the agent's answer; rejects where the time is up or the link breaks. */
  ask(message: ApiToAgent, timeoutMs: number): Promise<unknown>;
  /** Ends the socket. */
  end(): void;
  /** Seconds without contact until the agent stops such a run itself; null: never. */
  fenceAfter(spec: RunSpec): number | null;
}

export interface SessionOf {
  hostId: string;
  workspaceId: string;
  sessionId: string;
  /** The version of the protocol that its agent speaks. */
  protocol: number;
}

export class AgentSession implements Taker {
  private readonly log = new Logger('AgentSession');
  /** Null: the next assignment is the whole set. */
  private sent: { generation: number; at: number } | null = null;
  #confirmed: number | null = null;
  /** Ended, and still in the set that the agent has. */
  private readonly forgotten = new Set<string>();
  /** Those are to be told now, whether there is something else or not. */
  private tidying = false;
  /** All that was to be done at this time, its agent was told of. */
  private toldAt = 0;
  private sending = false;
  private again = false;
  private ended = false;

  constructor(
    readonly of: SessionOf,
    private readonly parts: SessionParts,
  ) {}

  /** Something may have changed for the host. Never throws. */
  wake(): void {
    if (this.sending) {
      this.again = true;
      return;
    }
    void this.sendAll(() => this.sendOnce());
  }

  /** What was assigned just now, where its agent has been told all that was before it: nothing is read again. */
  take(assigned: HostAssignments, since: number): boolean {
    const base = assigned.generation - 1;
    if (this.sending || this.ended || this.sent?.generation !== base || assigned.sessionId !== this.of.sessionId) return false;
    void this.sendAll(() => this.tell(assigned, base, since));
    return true;
  }

  /** The generation that the agent has confirmed; null: none yet. */
  get confirmed(): number | null {
    return this.#confirmed;
  }

  /** The agent has reported the end of this attempt, and that is stored. */
  forget(attemptId: string): void {
    this.forgotten.add(attemptId);
  }

  /** Tells the agent what it may forget, where it does. Never throws. */
  tidy(): void {
    if (this.forgotten.size === 0) return;
    this.tidying = true;
    this.wake();
  }

  /** As `wake`, and the whole set where the agent has not confirmed in time what it was sent. */
  resend(now: number): void {
    if (this.sent && (this.#confirmed ?? -1) < this.sent.generation && now - this.sent.at > CONFIRM_MS) this.sent = null;
    this.wake();
  }

  /** Whatever wake-up was lost before this time, its agent knows by now. */
  isToldSince(time: number): boolean {
    return this.toldAt >= time;
  }

  assigned(generation: number, accepted: boolean): void {
    if (accepted) this.#confirmed = generation;
    else {
      this.sent = null;
      this.wake();
    }
  }

  /** Tells the agent why it is not wanted (any more) and ends the socket. */
  refuse(code: Extract<ApiToAgent, { type: 'refused' }>['code'], message: string): void {
    this.ended = true;
    this.parts.send({ type: 'refused', code, message });
    this.parts.end();
  }

  /** Asks the agent about a container of its own, once. Rejects where no answer comes. */
  async call(attemptId: string, call: Call, timeoutMs: number): Promise<CallAnswer> {
    return callAnswerSchema.parse(await this.parts.ask({ type: 'call', attemptId, call }, timeoutMs));
  }

  /** A sample a second of these attempts, for a while. */
  watch(attemptIds: string[], leaseSeconds: number): void {
    if (!this.ended) this.parts.send({ type: 'watch', attemptIds, leaseSeconds });
  }

  /** Ends the socket without a word. */
  end(): void {
    this.ended = true;
    this.parts.end();
  }

  close(): void {
    this.ended = true;
  }

  private async sendAll(send: () => Promise<void>): Promise<void> {
    this.sending = true;
    try {
      this.again = false;
      await send();
      while (this.again && !this.ended) {
        this.again = false;
        await this.sendOnce();
      }
    } catch (error) {
      // The sweep wakes it again: what was not sent is still not confirmed.
      this.log.error(`cannot tell host ${this.of.hostId} what changed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.sending = false;
    }
  }

  private async sendOnce(): Promise<void> {
    const { hostId } = this.of;
    const base = this.sent?.generation;
    const { assignments } = this.parts;
    const askedAt = Date.now();
    const found = base === undefined ? await assignments.full(hostId) : await assignments.changedSince(hostId, base);
    if (this.ended) return;
    if (!found) return this.refuse('unknown-host', 'this host was removed from its workspace');
    // Nobody's: it was given up for lost. The agent dials again and gets a session of its own.
    if (found.sessionId === null) return this.end();
    if (found.sessionId !== this.of.sessionId) {
      return this.refuse('replaced', 'another agent has connected with the key of this host');
    }
    await this.tell(found, base, askedAt);
  }

  /** `base` undefined: all of it. */
  private async tell(found: HostAssignments, base: number | undefined, since: number): Promise<void> {
    if (base !== undefined && found.generation === base && !this.tidying) {
      this.toldAt = since;
      return;
    }
    this.tidying = false;
    const put = await this.assignments(found);
    if (this.ended) return;
    const drop = this.withForgotten(found);
    this.sent = { generation: found.generation, at: Date.now() };
    this.toldAt = since;
    if (base !== undefined) {
      this.parts.send({ type: 'assign', mode: 'delta', base, generation: found.generation, put, drop });
      return;
    }
    this.parts.send({ type: 'assign', mode: 'full', generation: found.generation, put });
    // A full set says what is assigned, not which of the rest has a container to be removed.
    if (drop.length === 0) return;
    this.parts.send({ type: 'assign', mode: 'delta', base: found.generation, generation: found.generation, put: [], drop });
  }

  /** One that is told of once more, read before its end was stored, is left for the next time: the two would come in no order. */
  private withForgotten({ put, drop }: HostAssignments): DroppedAttempt[] {
    if (this.forgotten.size === 0) return drop;
    const told = new Set([...put, ...drop].map(({ attemptId }) => attemptId));
    const now = [...this.forgotten].filter((attemptId) => !told.has(attemptId));
    for (const { attemptId } of drop) this.forgotten.delete(attemptId);
    for (const attemptId of now) this.forgotten.delete(attemptId);
    return [...drop, ...now.map((attemptId) => ({ attemptId, removeContainer: false }))];
  }

  /** Credentials and secrets are looked up at the moment of sending, and kept nowhere (L8). */
  private async assignments({ put, hasRegistries }: HostAssignments): Promise<Assignment[]> {
    const servers = new Map<string, Promise<Assignment['credentials']>>();
    const credentialsOf = ({ spec, workspaceId, phase }: AssignedAttempt): Promise<Assignment['credentials']> | null => {
      const server = hasRegistries && (phase === 'assigned' || phase === 'pulling') ? registryOf(spec.image) : null;
      if (server === null) return null;
      const known = servers.get(server) ?? this.parts.registries.credentialsFor(workspaceId, server);
      servers.set(server, known);
      return known;
    };
    const secrets = await this.secretsOf(put);
    return Promise.all(
      put.map(
        async (attempt): Promise<Assignment> => ({
          ...attempt,
          spec: specForAgent(attempt.spec),
          fenceAfterSeconds: this.parts.fenceAfter(attempt.spec) ?? undefined,
          credentials: await credentialsOf(attempt),
          secrets: secrets.get(attempt.attemptId),
        }),
      ),
    );
  }

  /** Also of those that run: they may be started again, and what their output shows of a secret is masked on the host. */
  private async secretsOf(put: readonly AssignedAttempt[]): Promise<Map<string, SecretValue[]>> {
    const found = new Map<string, SecretValue[]>();
    const wanting = put.filter(({ spec, phase }) => spec.secrets?.length && !isTerminal(phase));
    if (wanting.length === 0) return found;
    const pins = new Map(wanting.flatMap(({ spec }) => pinsOf(spec)).map((pin) => [keyOf(pin), pin]));
    const values = await this.parts.secrets.resolve(this.of.workspaceId, [...pins.values()]);
    const byPin = new Map(values.map((value) => [keyOf(value), value]));
    for (const { attemptId, spec } of wanting) {
      found.set(
        attemptId,
        [...new Set(pinsOf(spec).map(keyOf))].flatMap((key) => byPin.get(key) ?? []),
      );
    }
    return found;
  }
}

/** Filled in when the run was accepted. */
const pinsOf = ({ secrets = [] }: RunSpec): Pin[] =>
  secrets.flatMap(({ secret, version }) => (version === undefined ? [] : [{ secret, version }]));
const keyOf = ({ secret, version }: Pin): string => `${secret} ${version}`;

function registryOf(image: string): string | null {
  const parsed = parseImageReference(image);
  return parsed.ok ? parsed.image.registry : null;
}
