/** A typed client of the REST API, for tests: every answer is parsed by the contract. */

import { randomUUID } from 'node:crypto';
import { type Problem, problemSchema } from '@berth/shared/errors/problem';
import { type Cursor, eventPageSchema } from '@berth/shared/events/event';
import { type ExecResult, execResultSchema } from '@berth/shared/http/container';
import { pageSchema } from '@berth/shared/http/lists';
import { replicasSchema, revisionsSchema } from '@berth/shared/http/services';
import { agentUpdateSchema, type CreateAgentUpdate } from '@berth/shared/model/agent-update';
import { createdJoinTokenSchema, hostImagesSchema, hostSchema, type UpdateHost } from '@berth/shared/model/host';
import { registrySchema } from '@berth/shared/model/registry';
import { type Run, type RunSpec, runSchema } from '@berth/shared/model/run';
import { runArraySchema, type runArraySpecSchema } from '@berth/shared/model/run-array';
import { scheduleSchema, type scheduleSpecSchema } from '@berth/shared/model/schedule';
import { secretKeySchema, secretSchema, secretVersionsSchema } from '@berth/shared/model/secret';
import { servicePlanSchema, serviceSchema } from '@berth/shared/model/service';
import { createdTokenSchema } from '@berth/shared/model/token';
import { volumeSchema } from '@berth/shared/model/volume';
import type { z } from 'zod';

export interface Account {
  url: string;
  workspace: string;
  token: string;
}

/** What a script would send: the contract's input, before defaults. */
export type RunSpecInput = z.input<typeof import('@berth/shared/model/run').runSpecSchema>;

export type ServiceSpecInput = z.input<typeof import('@berth/shared/model/service').serviceSpecSchema>;

export interface CreateRunOptions {
  name?: string;
  labels?: Record<string, string>;
  idempotencyKey?: string;
}

export interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** The request was answered with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly problem: Problem;
  constructor(request: string, problem: Problem) {
    super(`${request}: ${problem.status} ${problem.code}: ${problem.detail} ${JSON.stringify(problem.errors ?? '')}`);
    this.status = problem.status;
    this.problem = problem;
  }
}

export type BerthClient = ReturnType<typeof createClient>;

export function createClient(account: Account) {
  const base = `/v1/workspaces/${account.workspace}`;

  /** The bare answer; `path` from the root of the server. Only a broken connection rejects. */
  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const response = await fetch(`${account.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${account.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async function call<T extends z.ZodType>(schema: T, method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    return schema.parse(JSON.parse((await expectOk(method, path, body, headers)).text)) as z.output<T>;
  }

  async function expectOk(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RawAnswer> {
    const answer = await send(method, path, body, headers);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw problemOf(`${method} ${path}`, answer);
  }

  const run = (id: string) => `${base}/runs/${id}`;
  return {
    account,
    base,
    send,
    createRun: (spec: RunSpecInput, options: CreateRunOptions = {}): Promise<Run> =>
      call(
        runSchema,
        'POST',
        `${base}/runs`,
        { metadata: { name: options.name, labels: options.labels }, spec },
        options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : undefined,
      ),
    getRun: (id: string): Promise<Run> => call(runSchema, 'GET', run(id)),
    listRuns: (query = '') => call(pageSchema(runSchema), 'GET', `${base}/runs${query}`),
    /** The run once it is so, or as it is when the time is up (408). */
    async waitRun(id: string, wanted: 'exited' | 'running' = 'exited', timeoutSeconds = 60): Promise<Run> {
      const path = `${run(id)}/wait?for=${wanted}&timeout=${timeoutSeconds}`;
      const answer = await send('GET', path);
      if (answer.status === 200 || answer.status === 408) {
        const parsed = runSchema.safeParse(JSON.parse(answer.text));
        if (parsed.success) return parsed.data;
      }
      throw problemOf(`GET ${path}`, answer);
    },
    /** Its whole output so far, both streams merged. */
    logs: async (id: string, query = ''): Promise<string> =>
      (await expectOk('GET', `${run(id)}/logs${query}`, undefined, { accept: 'text/plain' })).text,
    /** The bytes of one stream, or of both merged. */
    async logBytes(id: string, stream?: 'stdout' | 'stderr'): Promise<Buffer> {
      const path = `${run(id)}/logs${stream ? `?stream=${stream}` : ''}`;
      const headers = { authorization: `Bearer ${account.token}`, accept: 'text/plain' };
      const response = await fetch(`${account.url}${path}`, { headers });
      if (!response.ok) throw problemOf(`GET ${path}`, { status: response.status, headers: response.headers, text: await response.text() });
      return Buffer.from(await response.arrayBuffer());
    },
    exec: (id: string, command: string[], rest: Record<string, unknown> = {}): Promise<ExecResult> =>
      call(execResultSchema, 'POST', `${run(id)}/exec`, { command, ...rest }),
    stopRun: (id: string) => expectOk('POST', `${run(id)}/stop`),
    killRun: (id: string) => expectOk('POST', `${run(id)}/kill`),
    giveUpRun: (id: string) => call(runSchema, 'POST', `${run(id)}/give-up`),
    deleteRun: (id: string, force = false) => expectOk('DELETE', `${run(id)}${force ? '?force=true' : ''}`),
    listHosts: () => call(pageSchema(hostSchema), 'GET', `${base}/hosts`),
    getHost: (id: string) => call(hostSchema, 'GET', `${base}/hosts/${id}`),
    updateHost: (id: string, body: UpdateHost, version?: string) =>
      call(hostSchema, 'PATCH', `${base}/hosts/${id}`, body, version === undefined ? undefined : { 'if-match': `"${version}"` }),
    approveHost: (id: string) => call(hostSchema, 'POST', `${base}/hosts/${id}/approve`),
    rotateHostKey: (id: string) => call(hostSchema, 'POST', `${base}/hosts/${id}/rotate-key`),
    revokeHostKey: (id: string) => call(hostSchema, 'POST', `${base}/hosts/${id}/revoke-key`),
    updateHostAgent: (id: string) => call(hostSchema, 'POST', `${base}/hosts/${id}/update`),
    createAgentUpdate: (spec: CreateAgentUpdate['spec']) => call(agentUpdateSchema, 'POST', `${base}/agent-updates`, { spec }),
    getAgentUpdate: (id: string) => call(agentUpdateSchema, 'GET', `${base}/agent-updates/${id}`),
    steerAgentUpdate: (id: string, how: 'pause' | 'resume' | 'cancel') =>
      call(agentUpdateSchema, 'POST', `${base}/agent-updates/${id}/${how}`),
    hostImages: async (id: string) => (await call(hostImagesSchema, 'GET', `${base}/hosts/${id}/images`)).items,
    hostEvents: async (id: string) => (await call(eventPageSchema, 'GET', `${base}/hosts/${id}/events`)).items,
    createJoinToken: (spec: { maxUses?: number | null; expiresInSeconds?: number } = {}, labels: Record<string, string> = {}) =>
      call(createdJoinTokenSchema, 'POST', `${base}/join-tokens`, { metadata: { labels }, spec }),
    createToken: (name?: string) => call(createdTokenSchema, 'POST', `${base}/tokens`, { metadata: { name } }),
    createService: (name: string, spec: ServiceSpecInput) => call(serviceSchema, 'POST', `${base}/services`, { metadata: { name }, spec }),
    planService: (name: string, spec: ServiceSpecInput) =>
      call(servicePlanSchema, 'POST', `${base}/services?dryRun=true`, { metadata: { name }, spec }),
    listServices: () => call(pageSchema(serviceSchema), 'GET', `${base}/services`),
    getService: (id: string) => call(serviceSchema, 'GET', `${base}/services/${id}`),
    updateService: (id: string, spec: ServiceSpecInput) => call(serviceSchema, 'PATCH', `${base}/services/${id}`, { spec }),
    planUpdate: (id: string, spec: ServiceSpecInput) => call(servicePlanSchema, 'PATCH', `${base}/services/${id}?dryRun=true`, { spec }),
    steerService: (id: string, how: 'scale' | 'roll-back' | 'promote' | 'retry' | 'renew', body: Record<string, unknown> = {}) =>
      call(serviceSchema, 'POST', `${base}/services/${id}/${how}`, body),
    replicas: async (id: string) => (await call(replicasSchema, 'GET', `${base}/services/${id}/replicas`)).items,
    revisions: async (id: string) => (await call(revisionsSchema, 'GET', `${base}/services/${id}/revisions`)).items,
    deleteService: (id: string) => expectOk('DELETE', `${base}/services/${id}`),
    createVolume: (name: string, host?: string) =>
      call(volumeSchema, 'POST', `${base}/volumes`, { metadata: { name }, ...(host !== undefined && { spec: { host } }) }),
    createSchedule: (name: string, spec: z.input<typeof scheduleSpecSchema>, labels: Record<string, string> = {}) =>
      call(scheduleSchema, 'POST', `${base}/schedules`, { metadata: { name, labels }, spec }),
    getSchedule: (id: string) => call(scheduleSchema, 'GET', `${base}/schedules/${id}`),
    createRunArray: (name: string, spec: z.input<typeof runArraySpecSchema>) =>
      call(runArraySchema, 'POST', `${base}/run-arrays`, { metadata: { name }, spec }),
    createRegistry: (spec: { server: string; username: string; password: string }) =>
      call(registrySchema, 'POST', `${base}/registries`, { spec }),
    createSecret: (name: string, value: string, options: { visible?: boolean; labels?: Record<string, string> } = {}) =>
      call(secretSchema, 'POST', `${base}/secrets`, {
        metadata: { name, labels: options.labels },
        spec: { value, visible: options.visible },
      }),
    getSecret: (id: string) => call(secretSchema, 'GET', `${base}/secrets/${id}`),
    listSecrets: async () => (await call(pageSchema(secretSchema), 'GET', `${base}/secrets`)).items,
    updateSecret: (id: string, value: string, version?: string) =>
      call(
        secretSchema,
        'PATCH',
        `${base}/secrets/${id}`,
        { spec: { value } },
        version === undefined ? undefined : { 'if-match': `"${version}"` },
      ),
    secretVersions: async (id: string) => (await call(secretVersionsSchema, 'GET', `${base}/secrets/${id}/versions`)).items,
    deleteSecret: (id: string, force = false) => expectOk('DELETE', `${base}/secrets/${id}${force ? '?force=true' : ''}`),
    destroySecretVersion: (id: string, number: number, force = false) =>
      expectOk('DELETE', `${base}/secrets/${id}/versions/${number}${force ? '?force=true' : ''}`),
    rotateSecretKey: () => call(secretKeySchema, 'POST', `${base}/secrets/rotate-key`, {}),
  };
}

function problemOf(request: string, answer: RawAnswer): Error {
  try {
    return new ProblemError(request, problemSchema.parse(JSON.parse(answer.text)));
  } catch (cause) {
    return new Error(`${request}: ${answer.status} ${answer.text.slice(0, 500)}`, { cause });
  }
}

/** The problem that a request was refused with; throws where it was not refused. */
export async function problemFrom(request: Promise<unknown>): Promise<Problem> {
  const outcome = await request.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof ProblemError) return outcome.error.problem;
  throw new Error(`expected a problem, but got ${JSON.stringify(outcome)}`, { cause: 'error' in outcome ? outcome.error : undefined });
}

export type { Cursor, Run, RunSpec };
