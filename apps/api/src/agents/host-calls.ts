/**
 * Calls to a host's agent, from whichever replica they are made: the one that holds the session makes the call, the others ask it by Redis
 * publish/subscribe. A call is made at most once. It is no state: where Redis is away, hosts of other replicas cannot be called now.
 */
import { randomUUID } from 'node:crypto';
import { BerthError } from '@berth/shared/errors/problem';
import {
  type Call,
  type CallAnswer,
  type CallName,
  type CallOf,
  type CallValues,
  callAnswerSchema,
  callSchema,
  callSince,
  callValues,
} from '@berth/shared/protocol/call';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ENV, type Env } from '../config/env.ts';
import { connectRedis, REDIS } from '../queues/redis.ts';
import { AgentSessions } from './agent-sessions.ts';

const CALLS = 'berth:calls';
const answersOf = (replica: string) => `berth:call-answers:${replica}`;
/** The replica that holds the session says at once that it does. */
const HELD_MS = 2_000;
/** On top of what the call itself may take, for the way there and back. */
const WAY_MS = 5_000;
const ANSWER_SECONDS = 20;

function secondsOf(call: Call): number {
  if (call.name === 'exec') return call.timeoutSeconds;
  return call.name === 'terminal.read' ? call.waitSeconds + ANSWER_SECONDS : ANSWER_SECONDS;
}

const requestSchema = z.object({
  id: z.string(),
  from: z.string(),
  hostId: z.string(),
  attemptId: z.string(),
  call: callSchema,
  timeoutMs: z.number(),
});
type Request = z.infer<typeof requestSchema>;

const replySchema = z.object({
  id: z.string(),
  reply: z.discriminatedUnion('state', [
    z.object({ state: z.literal('held') }),
    z.object({ state: z.literal('answered'), answer: callAnswerSchema }),
    z.object({ state: z.literal('too-old') }),
    z.object({ state: z.literal('broken'), message: z.string() }),
  ]),
});
type Reply = z.infer<typeof replySchema>['reply'];

export interface CalledHost {
  hostId: string;
  hostName: string;
}

@Injectable()
export class HostCalls implements OnModuleDestroy {
  private readonly log = new Logger('HostCalls');
  private readonly self = randomUUID();
  private readonly subscriber: Redis;
  private readonly waiting = new Map<string, (reply: Reply) => void>();

  constructor(
    private readonly sessions: AgentSessions,
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(ENV) env: Env,
  ) {
    this.subscriber = connectRedis(env.REDIS_URL, 'blocking', this.log);
    this.subscriber.on('message', (channel: string, text: string) => this.receive(channel, text));
    // ioredis subscribes again by itself after a reconnect.
    this.subscriber.subscribe(CALLS, answersOf(this.self)).catch(() => undefined);
  }

  onModuleDestroy(): void {
    this.subscriber.disconnect();
  }

  /** Throws BerthError: `unavailable` where no answer comes, `conflict` where the container is not (or no longer) so that it could be. */
  async call<N extends CallName>(host: CalledHost, attemptId: string, call: CallOf<N>): Promise<CallValues[N]> {
    const asked: Call = call;
    const name: N = call.name;
    const timeoutMs = WAY_MS + secondsOf(asked) * 1000;
    const { hostName } = host;
    const reply = await this.ask({ id: randomUUID(), from: this.self, hostId: host.hostId, attemptId, call: asked, timeoutMs });
    switch (reply.state) {
      case 'answered':
        return readValue(name, reply.answer, hostName);
      case 'too-old':
        throw new BerthError('conflict', `The agent of ${hostName} is too old for this: update it.`);
      case 'held':
      case 'broken': {
        const why = reply.state === 'broken' ? reply.message : 'its agent did not answer in time';
        throw new BerthError('unavailable', `${hostName} gave no answer: ${why}. It may have been done all the same.`);
      }
    }
  }

  private async ask(request: Request): Promise<Reply> {
    if (this.sessions.find(request.hostId)) return this.make(request);
    try {
      return await this.askOthers(request);
    } catch {
      return { state: 'broken', message: 'the replicas of the api cannot reach one another, because Redis does not answer' };
    }
  }

  private async make({ hostId, attemptId, call, timeoutMs }: Request): Promise<Reply> {
    const session = this.sessions.find(hostId);
    if (!session) return { state: 'broken', message: 'its agent is not connected' };
    if (session.of.protocol < callSince(call.name)) return { state: 'too-old' };
    try {
      return { state: 'answered', answer: await session.call(attemptId, call, timeoutMs) };
    } catch (error) {
      return { state: 'broken', message: error instanceof Error ? error.message : String(error) };
    }
  }

  private askOthers(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const done = (reply: Reply) => {
        clearTimeout(timer);
        this.waiting.delete(request.id);
        resolve(reply);
      };
      let timer = setTimeout(() => done({ state: 'broken', message: 'its agent is not connected' }), HELD_MS);
      this.waiting.set(request.id, (reply) => {
        if (reply.state !== 'held') return done(reply);
        clearTimeout(timer);
        timer = setTimeout(() => done({ state: 'broken', message: 'its agent did not answer in time' }), request.timeoutMs + HELD_MS);
      });
      this.redis.publish(CALLS, JSON.stringify(request)).catch((error: unknown) => {
        clearTimeout(timer);
        this.waiting.delete(request.id);
        reject(error);
      });
    });
  }

  private receive(channel: string, text: string): void {
    if (channel !== CALLS) {
      const parsed = replySchema.safeParse(JSON.parse(text));
      if (parsed.success) this.waiting.get(parsed.data.id)?.(parsed.data.reply);
      return;
    }
    const request = requestSchema.safeParse(JSON.parse(text));
    if (!request.success || request.data.from === this.self || !this.sessions.find(request.data.hostId)) return;
    const { id, from } = request.data;
    const answer = (reply: Reply) => void this.redis.publish(answersOf(from), JSON.stringify({ id, reply })).catch(() => undefined);
    answer({ state: 'held' });
    void this.make(request.data).then(answer);
  }
}

function readValue<N extends CallName>(name: N, answer: CallAnswer, hostName: string): CallValues[N] {
  if (answer.ok) return parseValue(name, answer.value);
  switch (answer.code) {
    case 'no-container':
    case 'not-running':
    case 'no-input':
      throw new BerthError('conflict', `This cannot be done now: on ${hostName} ${answer.message}.`);
    case 'no-such-path':
      throw new BerthError('not-found', answer.message);
    case 'refused':
      throw new BerthError('conflict', `The ${name === 'agent.update' ? 'agent' : 'engine'} of ${hostName} refused: ${answer.message}`);
    case 'engine':
      throw new BerthError('unavailable', `The engine of ${hostName} did not do it: ${answer.message}`);
  }
}

const parsers: { [N in CallName]: (value: unknown) => CallValues[N] } = {
  exec: (value) => callValues.exec.parse(value),
  processes: (value) => callValues.processes.parse(value),
  changes: (value) => callValues.changes.parse(value),
  'terminal.open': (value) => callValues['terminal.open'].parse(value),
  'terminal.list': (value) => callValues['terminal.list'].parse(value),
  'terminal.read': (value) => callValues['terminal.read'].parse(value),
  'terminal.write': (value) => callValues['terminal.write'].parse(value),
  'terminal.resize': (value) => callValues['terminal.resize'].parse(value),
  'terminal.end': (value) => callValues['terminal.end'].parse(value),
  'stdin.write': (value) => callValues['stdin.write'].parse(value),
  'tty.resize': (value) => callValues['tty.resize'].parse(value),
  inspect: (value) => callValues.inspect.parse(value),
  'files.list': (value) => callValues['files.list'].parse(value),
  'files.stat': (value) => callValues['files.stat'].parse(value),
  'files.open': (value) => callValues['files.open'].parse(value),
  'files.read': (value) => callValues['files.read'].parse(value),
  'files.create': (value) => callValues['files.create'].parse(value),
  'files.write': (value) => callValues['files.write'].parse(value),
  'files.finish': (value) => callValues['files.finish'].parse(value),
  'files.close': (value) => callValues['files.close'].parse(value),
  'key.make': (value) => callValues['key.make'].parse(value),
  'key.use': (value) => callValues['key.use'].parse(value),
  'agent.update': (value) => callValues['agent.update'].parse(value),
  'volume.measure': (value) => callValues['volume.measure'].parse(value),
  'volume.remove': (value) => callValues['volume.remove'].parse(value),
  'volume.open': (value) => callValues['volume.open'].parse(value),
  'volume.fill': (value) => callValues['volume.fill'].parse(value),
};

function parseValue<N extends CallName>(name: N, value: unknown): CallValues[N] {
  return parsers[name](value);
}
