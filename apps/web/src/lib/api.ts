/** The one client of the REST API: same origin, the browser's session cookie, errors as problems (RFC 9457). */
import type { Problem } from '@berth/shared/errors/problem';
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import type { BerthEvent } from '@berth/shared/events/event';
import type { Changes, EngineView, ExecResult, Processes } from '@berth/shared/http/container';
import type { Files } from '@berth/shared/http/files';
import type { Page } from '@berth/shared/http/lists';
import type { LogMatches, LogOutline } from '@berth/shared/http/logs';
import type { ApplyAnswer } from '@berth/shared/http/manifests';
import type { RunImage } from '@berth/shared/http/run-image';
import type { RunPlacement } from '@berth/shared/http/run-placement';
import type { Settings, UpdateSettings } from '@berth/shared/http/settings';
import type { RunStats, WorkspaceStats } from '@berth/shared/http/stats';
import type { Terminal as OpenedTerminal, Terminals } from '@berth/shared/http/terminals';
import type { Restored } from '@berth/shared/http/volumes';
import type { AgentUpdate, CreateAgentUpdate } from '@berth/shared/model/agent-update';
import type { CreatedJoinToken, CreateJoinToken, Host, HostImages, JoinToken, UpdateHost } from '@berth/shared/model/host';
import type { HostFilter, HostMap, HostTotals } from '@berth/shared/model/host-map';
import type { CreateRegistry, Registry } from '@berth/shared/model/registry';
import type { CreateRun, Run, UpdateRun } from '@berth/shared/model/run';
import type { CreateRunArray, ListedRunArray, RunArray } from '@berth/shared/model/run-array';
import type { CreateSchedule, Schedule, ScheduleStarts, UpdateSchedule } from '@berth/shared/model/schedule';
import type { CreateSecret, Secret, SecretVersion, UpdateSecret } from '@berth/shared/model/secret';
import type { CreateService, Replica, Service, ServicePlan, ServiceRevision, UpdateService } from '@berth/shared/model/service';
import type { Session } from '@berth/shared/model/session';
import type { CreatedToken, CreateToken, Token } from '@berth/shared/model/token';
import type { CreateVolume, Volume } from '@berth/shared/model/volume';
import { blockOf } from '@berth/shared/protocol/packed';
import { apiPaths } from './paths.ts';
import type { HostListQuery, RunFilters, ServiceListQuery } from './query-keys.ts';

/** What the server answered instead of the resource. `status` 0: it was not reached at all. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem> & { detail: string },
  ) {
    super(problem.detail);
  }
}

/** What a form shows of a failed call: its sentence, and what is wrong with which field. */
export function errorsOf(error: Error | null): { message: string; errors: NonNullable<Problem['errors']> } | null {
  return error && { message: error.message, errors: error instanceof ProblemError ? (error.problem.errors ?? []) : [] };
}

async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as Partial<Problem> & { message?: string };
    return new ProblemError(response.status, { ...body, detail: body.detail ?? body.message ?? body.title ?? response.statusText });
  } catch {
    return new ProblemError(response.status, { detail: `The server answered ${response.status} ${response.statusText}` });
  }
}

function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Pages of a run's history: as many as the server gives at once, and a bound on how many of them are shown. */
const EVENTS_A_PAGE = 1000;
const EVENT_PAGES = 10;

async function allEvents(path: string, signal?: AbortSignal): Promise<{ items: BerthEvent[] }> {
  const items: BerthEvent[] = [];
  let after: string | undefined;
  for (let page = 0; page < EVENT_PAGES; page++) {
    const read = await json<{ items: BerthEvent[]; cursor: string }>(`${path}${query({ after, limit: String(EVENTS_A_PAGE) })}`, {
      signal,
    });
    items.push(...read.items);
    if (read.items.length < EVENTS_A_PAGE) break;
    after = read.cursor;
  }
  return { items };
}

interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  ifMatch?: string;
  signal?: AbortSignal;
  accept?: string;
}

async function reach(send: () => Promise<Response>, signal?: AbortSignal): Promise<Response> {
  try {
    return await send();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ProblemError(0, { detail: 'Berth does not answer. Check that it runs and that you are online.' });
  }
}

async function call(path: string, { method = 'GET', body, ifMatch, signal, accept = 'application/json' }: Call = {}): Promise<Response> {
  const headers: Record<string, string> = { accept };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (ifMatch !== undefined) headers['if-match'] = `"${ifMatch}"`;
  if (method === 'POST' && path.startsWith('/v1/')) headers['idempotency-key'] = idempotencyKey();
  const response = await reach(
    () => fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal }),
    signal,
  );
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function json<T>(path: string, options?: Call): Promise<T> {
  return (await (await call(path, options)).json()) as T;
}

async function done(path: string, options: Call): Promise<void> {
  await call(path, options);
}

function query(values: Record<string, string | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value) search.set(key, value);
  const text = search.toString();
  return text ? `?${text}` : '';
}

async function logChunks(
  workspace: string,
  id: string,
  asked: Record<string, string | undefined>,
  signal?: AbortSignal,
): Promise<LogChunk[]> {
  const answer = await call(`${apiPaths.runLogs(workspace, id)}${query(asked)}`, { accept: 'application/x-ndjson', signal });
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { data, ...head }: Omit<LogChunk, 'data'> & { data: string } = JSON.parse(line);
    return { ...head, data: new Uint8Array(blockOf(data)) };
  });
}

export const api = {
  session: (signal?: AbortSignal) => json<Session>('/v1/session', { signal }),
  signIn: (email: string, password: string) => done('/api/auth/sign-in/email', { method: 'POST', body: { email, password } }),
  signOut: () => done('/api/auth/sign-out', { method: 'POST', body: {} }),

  listRuns: (workspace: string, filters: RunFilters, cursor?: string, signal?: AbortSignal) =>
    json<Page<Run>>(`${apiPaths.runs(workspace)}${query({ ...filters, cursor, limit: '50' })}`, { signal }),
  getRun: (workspace: string, id: string, signal?: AbortSignal) => json<Run>(apiPaths.run(workspace, id), { signal }),
  createRun: (workspace: string, body: CreateRun) => json<Run>(apiPaths.runs(workspace), { method: 'POST', body }),
  stopRun: (workspace: string, id: string) => done(`${apiPaths.run(workspace, id)}/stop`, { method: 'POST' }),
  killRun: (workspace: string, id: string) => done(`${apiPaths.run(workspace, id)}/kill`, { method: 'POST' }),
  restartRun: (workspace: string, id: string) => done(`${apiPaths.run(workspace, id)}/restart`, { method: 'POST' }),
  pauseRun: (workspace: string, id: string) => done(`${apiPaths.run(workspace, id)}/pause`, { method: 'POST' }),
  resumeRun: (workspace: string, id: string) => done(`${apiPaths.run(workspace, id)}/resume`, { method: 'POST' }),
  giveUpRun: (workspace: string, id: string) => done(`${apiPaths.run(workspace, id)}/give-up`, { method: 'POST' }),
  deleteRun: (workspace: string, id: string) => done(apiPaths.run(workspace, id), { method: 'DELETE' }),
  execInRun: (workspace: string, id: string, command: string[]) =>
    json<ExecResult>(`${apiPaths.run(workspace, id)}/exec`, { method: 'POST', body: { command } }),
  runStats: (workspace: string, id: string, signal?: AbortSignal) => json<RunStats>(`${apiPaths.run(workspace, id)}/stats`, { signal }),
  stats: (workspace: string, signal?: AbortSignal) => json<WorkspaceStats>(apiPaths.stats(workspace), { signal }),
  settings: (workspace: string, signal?: AbortSignal) => json<Settings>(apiPaths.settings(workspace), { signal }),
  updateSettings: (workspace: string, body: UpdateSettings) => json<Settings>(apiPaths.settings(workspace), { method: 'PATCH', body }),
  listTerminals: (workspace: string, id: string, signal?: AbortSignal) => json<Terminals>(apiPaths.terminals(workspace, id), { signal }),
  openTerminal: (workspace: string, id: string) => json<OpenedTerminal>(apiPaths.terminals(workspace, id), { method: 'POST', body: {} }),
  endTerminal: (workspace: string, id: string, terminal: string) =>
    done(`${apiPaths.terminals(workspace, id)}/${encodeURIComponent(terminal)}`, { method: 'DELETE' }),
  /** As UTF-8. */
  async writeInput(workspace: string, id: string, text: string, end: boolean): Promise<void> {
    const path = `${apiPaths.run(workspace, id)}/stdin${query({ end: end ? 'true' : undefined })}`;
    const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: text });
    if (!response.ok) throw await problemOf(response);
  },
  runProcesses: (workspace: string, id: string, signal?: AbortSignal) =>
    json<Processes>(`${apiPaths.run(workspace, id)}/processes`, { signal }),
  runChanges: (workspace: string, id: string, signal?: AbortSignal) => json<Changes>(`${apiPaths.run(workspace, id)}/changes`, { signal }),
  inspectRun: (workspace: string, id: string, signal?: AbortSignal) =>
    json<EngineView>(`${apiPaths.run(workspace, id)}/inspect`, { signal }),
  runImage: (workspace: string, id: string, signal?: AbortSignal) => json<RunImage>(`${apiPaths.run(workspace, id)}/image`, { signal }),
  runPlacement: (workspace: string, id: string, offset: number, signal?: AbortSignal) =>
    json<RunPlacement>(`${apiPaths.run(workspace, id)}/placement${query({ offset: String(offset) })}`, { signal }),
  runFiles: (workspace: string, id: string, path: string, signal?: AbortSignal) =>
    json<Files>(`${apiPaths.run(workspace, id)}/files${query({ path })}`, { signal }),
  /** `tar`: unpacked into the folder `path`. */
  async uploadFile(workspace: string, id: string, path: string, body: Blob, tar: boolean): Promise<void> {
    const headers = { 'content-type': tar ? 'application/x-tar' : 'application/octet-stream' };
    const response = await fetch(apiPaths.runFile(workspace, id, path), { method: 'PUT', headers, body });
    if (!response.ok) throw await problemOf(response);
  },
  searchLog: (workspace: string, id: string, asked: Record<string, string | undefined>, signal?: AbortSignal) =>
    json<LogMatches>(`${apiPaths.runLogs(workspace, id)}/search${query(asked)}`, { signal }),
  logOutline: (workspace: string, id: string, signal?: AbortSignal) =>
    json<LogOutline>(`${apiPaths.runLogs(workspace, id)}/outline`, { signal }),
  /** A part of a log, from a place on and before another one. */
  async readLog(
    workspace: string,
    id: string,
    range: { after: number; before: number; stream?: LogStream },
    signal?: AbortSignal,
  ): Promise<LogChunk[]> {
    const asked = { after: String(range.after), before: String(range.before), stream: range.stream };
    return logChunks(workspace, id, asked, signal);
  },
  /** Where in a log its output of a time begins; null where there is none of that time or later. */
  async logPlaceAt(workspace: string, id: string, time: Date, signal?: AbortSignal): Promise<number | null> {
    const [first] = await logChunks(workspace, id, { since: time.toISOString(), limit: '1' }, signal);
    return first?.position ?? null;
  },
  /** `version`: the resourceVersion that the change is meant for. */
  updateRun: (workspace: string, id: string, body: UpdateRun, version: string) =>
    json<Run>(apiPaths.run(workspace, id), { method: 'PATCH', body, ifMatch: version }),
  runEvents: (workspace: string, id: string, signal?: AbortSignal) => allEvents(`${apiPaths.run(workspace, id)}/events`, signal),

  /** A page of them, newest first. */
  listHosts: (workspace: string, asked: HostListQuery, signal?: AbortSignal) =>
    json<Page<Host>>(`${apiPaths.hosts(workspace)}${query(asked)}`, { signal }),
  hostMap: (workspace: string, { name, state, label }: HostFilter, signal?: AbortSignal) =>
    json<HostMap>(`${apiPaths.hosts(workspace)}/map${query({ name, state, label: label?.join(',') })}`, { signal }),
  hostTotals: (workspace: string, signal?: AbortSignal) => json<HostTotals>(`${apiPaths.hosts(workspace)}/totals`, { signal }),
  /** Page after page. */
  async allHosts(workspace: string, signal?: AbortSignal): Promise<Host[]> {
    const hosts: Host[] = [];
    let cursor: string | undefined;
    do {
      const page = await json<Page<Host>>(`${apiPaths.hosts(workspace)}${query({ limit: '200', cursor })}`, { signal });
      hosts.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return hosts;
  },
  updateHostAgent: (workspace: string, id: string) => json<Host>(`${apiPaths.hosts(workspace)}/${id}/update`, { method: 'POST' }),
  /** The newest few. */
  listAgentUpdates: (workspace: string, signal?: AbortSignal) =>
    json<Page<AgentUpdate>>(`${apiPaths.agentUpdates(workspace)}?limit=5`, { signal }),
  createAgentUpdate: (workspace: string, body: CreateAgentUpdate) =>
    json<AgentUpdate>(apiPaths.agentUpdates(workspace), { method: 'POST', body }),
  steerAgentUpdate: (workspace: string, id: string, how: 'pause' | 'resume' | 'cancel') =>
    json<AgentUpdate>(`${apiPaths.agentUpdates(workspace)}/${id}/${how}`, { method: 'POST' }),
  getHost: (workspace: string, id: string, signal?: AbortSignal) => json<Host>(`${apiPaths.hosts(workspace)}/${id}`, { signal }),
  giveUpHost: (workspace: string, id: string) => json<Host>(`${apiPaths.hosts(workspace)}/${id}/give-up`, { method: 'POST' }),
  drainHost: (workspace: string, id: string) => json<Host>(`${apiPaths.hosts(workspace)}/${id}/drain`, { method: 'POST' }),
  cancelDrain: (workspace: string, id: string) => json<Host>(`${apiPaths.hosts(workspace)}/${id}/drain`, { method: 'DELETE' }),
  /** `version`: the resourceVersion that the change is meant for. */
  updateHost: (workspace: string, id: string, body: UpdateHost, version?: string) =>
    json<Host>(`${apiPaths.hosts(workspace)}/${id}`, { method: 'PATCH', body, ifMatch: version }),
  approveHost: (workspace: string, id: string) => json<Host>(`${apiPaths.hosts(workspace)}/${id}/approve`, { method: 'POST' }),
  rotateHostKey: (workspace: string, id: string) => json<Host>(`${apiPaths.hosts(workspace)}/${id}/rotate-key`, { method: 'POST' }),
  revokeHostKey: (workspace: string, id: string) => json<Host>(`${apiPaths.hosts(workspace)}/${id}/revoke-key`, { method: 'POST' }),
  removeHost: (workspace: string, id: string) => done(`${apiPaths.hosts(workspace)}/${id}`, { method: 'DELETE' }),
  hostImages: (workspace: string, id: string, signal?: AbortSignal) =>
    json<HostImages>(`${apiPaths.hosts(workspace)}/${id}/images`, { signal }),
  hostEvents: (workspace: string, id: string, signal?: AbortSignal) => allEvents(`${apiPaths.hosts(workspace)}/${id}/events`, signal),
  createJoinToken: (workspace: string, body: CreateJoinToken = {}) =>
    json<CreatedJoinToken>(apiPaths.joinTokens(workspace), { method: 'POST', body }),
  revokeJoinToken: (workspace: string, id: string) => done(`${apiPaths.joinTokens(workspace)}/${id}`, { method: 'DELETE' }),
  listJoinTokens: (workspace: string, signal?: AbortSignal) =>
    json<Page<JoinToken>>(`${apiPaths.joinTokens(workspace)}?limit=200`, { signal }),

  /** The newest of them, as many as a page may have. */
  listVolumes: (workspace: string, signal?: AbortSignal) => json<Page<Volume>>(`${apiPaths.volumes(workspace)}?limit=200`, { signal }),
  createVolume: (workspace: string, body: CreateVolume) => json<Volume>(apiPaths.volumes(workspace), { method: 'POST', body }),
  deleteVolume: (workspace: string, id: string) => done(`${apiPaths.volumes(workspace)}/${id}`, { method: 'DELETE' }),
  /** A tar or .tar.gz. */
  async restoreVolume(workspace: string, id: string, body: Blob, force: boolean): Promise<Restored> {
    const path = `${apiPaths.volumes(workspace)}/${id}/restore${query({ force: force ? 'true' : undefined })}`;
    const response = await fetch(path, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body });
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as Restored;
  },
  /** A page of them, newest first. */
  listSchedules: (workspace: string, name: string, cursor?: string, signal?: AbortSignal) =>
    json<Page<Schedule>>(`${apiPaths.schedules(workspace)}${query({ name, cursor, limit: '100' })}`, { signal }),
  getSchedule: (workspace: string, id: string, signal?: AbortSignal) => json<Schedule>(apiPaths.schedule(workspace, id), { signal }),
  createSchedule: (workspace: string, body: CreateSchedule) => json<Schedule>(apiPaths.schedules(workspace), { method: 'POST', body }),
  /** When it would start; nothing is stored. */
  scheduleStarts: (workspace: string, body: CreateSchedule, signal?: AbortSignal) =>
    json<ScheduleStarts>(`${apiPaths.schedules(workspace)}?dryRun=true`, { method: 'POST', body, signal }),
  /** `version`: the resourceVersion that the change is meant for. */
  updateSchedule: (workspace: string, id: string, body: UpdateSchedule, version?: string) =>
    json<Schedule>(apiPaths.schedule(workspace, id), { method: 'PATCH', body, ifMatch: version }),
  steerSchedule: (workspace: string, id: string, how: 'pause' | 'resume') =>
    json<Schedule>(`${apiPaths.schedule(workspace, id)}/${how}`, { method: 'POST' }),
  runScheduleNow: (workspace: string, id: string) => json<Run>(`${apiPaths.schedule(workspace, id)}/run-now`, { method: 'POST' }),
  deleteSchedule: (workspace: string, id: string) => done(apiPaths.schedule(workspace, id), { method: 'DELETE' }),
  scheduleEvents: (workspace: string, id: string, signal?: AbortSignal) => allEvents(`${apiPaths.schedule(workspace, id)}/events`, signal),
  /** A page of them, newest first. */
  listRunArrays: (workspace: string, name: string, cursor?: string, signal?: AbortSignal) =>
    json<Page<ListedRunArray>>(`${apiPaths.runArrays(workspace)}${query({ name, cursor, limit: '50' })}`, { signal }),
  getRunArray: (workspace: string, id: string, signal?: AbortSignal) => json<RunArray>(apiPaths.runArray(workspace, id), { signal }),
  createRunArray: (workspace: string, body: CreateRunArray) => json<RunArray>(apiPaths.runArrays(workspace), { method: 'POST', body }),
  cancelRunArray: (workspace: string, id: string) => json<RunArray>(`${apiPaths.runArray(workspace, id)}/cancel`, { method: 'POST' }),
  deleteRunArray: (workspace: string, id: string) => done(apiPaths.runArray(workspace, id), { method: 'DELETE' }),
  /** A page of them, newest first. */
  listServices: (workspace: string, asked: ServiceListQuery, cursor?: string, signal?: AbortSignal) =>
    json<Page<Service>>(`${apiPaths.services(workspace)}${query({ ...asked, cursor })}`, { signal }),
  getService: (workspace: string, id: string, signal?: AbortSignal) => json<Service>(apiPaths.service(workspace, id), { signal }),
  createService: (workspace: string, body: CreateService) => json<Service>(apiPaths.services(workspace), { method: 'POST', body }),
  planService: (workspace: string, body: CreateService) =>
    json<ServicePlan>(`${apiPaths.services(workspace)}?dryRun=true`, { method: 'POST', body }),
  /** `version`: the resourceVersion that the change is meant for. */
  updateService: (workspace: string, id: string, body: UpdateService, version: string) =>
    json<Service>(apiPaths.service(workspace, id), { method: 'PATCH', body, ifMatch: version }),
  planServiceUpdate: (workspace: string, id: string, body: UpdateService, signal?: AbortSignal) =>
    json<ServicePlan>(`${apiPaths.service(workspace, id)}?dryRun=true`, { method: 'PATCH', body, signal }),
  deleteService: (workspace: string, id: string) => done(apiPaths.service(workspace, id), { method: 'DELETE' }),
  scaleService: (workspace: string, id: string, replicas: number) =>
    json<Service>(`${apiPaths.service(workspace, id)}/scale`, { method: 'POST', body: { replicas } }),
  rollBackService: (workspace: string, id: string, revision: number) =>
    json<Service>(`${apiPaths.service(workspace, id)}/roll-back`, { method: 'POST', body: { revision } }),
  promoteService: (workspace: string, id: string) => json<Service>(`${apiPaths.service(workspace, id)}/promote`, { method: 'POST' }),
  retryService: (workspace: string, id: string) => json<Service>(`${apiPaths.service(workspace, id)}/retry`, { method: 'POST' }),
  renewService: (workspace: string, id: string) => json<Service>(`${apiPaths.service(workspace, id)}/renew`, { method: 'POST' }),
  serviceReplicas: (workspace: string, id: string, signal?: AbortSignal) =>
    json<{ items: Replica[] }>(`${apiPaths.service(workspace, id)}/replicas`, { signal }),
  serviceRevisions: (workspace: string, id: string, signal?: AbortSignal) =>
    json<{ items: ServiceRevision[] }>(`${apiPaths.service(workspace, id)}/revisions`, { signal }),
  serviceEvents: (workspace: string, id: string, signal?: AbortSignal) => allEvents(`${apiPaths.service(workspace, id)}/events`, signal),

  listRegistries: (workspace: string, signal?: AbortSignal) =>
    json<Page<Registry>>(`${apiPaths.registries(workspace)}?limit=200`, { signal }),
  createRegistry: (workspace: string, body: CreateRegistry) => json<Registry>(apiPaths.registries(workspace), { method: 'POST', body }),
  deleteRegistry: (workspace: string, id: string) => done(`${apiPaths.registries(workspace)}/${id}`, { method: 'DELETE' }),

  listSecrets: (workspace: string, signal?: AbortSignal) => json<Page<Secret>>(`${apiPaths.secrets(workspace)}?limit=200`, { signal }),
  createSecret: (workspace: string, body: CreateSecret) => json<Secret>(apiPaths.secrets(workspace), { method: 'POST', body }),
  /** `version`: the resourceVersion that the change is meant for. */
  updateSecret: (workspace: string, id: string, body: UpdateSecret, version?: string) =>
    json<Secret>(`${apiPaths.secrets(workspace)}/${id}`, { method: 'PATCH', body, ifMatch: version }),
  secretVersions: (workspace: string, id: string, signal?: AbortSignal) =>
    json<{ items: SecretVersion[] }>(`${apiPaths.secrets(workspace)}/${id}/versions`, { signal }),
  destroySecretVersion: (workspace: string, id: string, number: number) =>
    done(`${apiPaths.secrets(workspace)}/${id}/versions/${number}`, { method: 'DELETE' }),
  deleteSecret: (workspace: string, id: string, force: boolean) =>
    done(`${apiPaths.secrets(workspace)}/${id}${force ? '?force=true' : ''}`, { method: 'DELETE' }),
  /** `text` as the api takes it: YAML, or JSON, which is YAML, too. */
  async applyManifests(workspace: string, text: string, dryRun: boolean): Promise<ApplyAnswer> {
    const path = `${apiPaths.apply(workspace)}${query({ dryRun: dryRun ? 'true' : undefined })}`;
    const headers = { 'content-type': 'application/yaml', 'idempotency-key': idempotencyKey() };
    const response = await reach(() => fetch(path, { method: 'POST', headers, body: text }));
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as ApplyAnswer;
  },

  listTokens: (workspace: string, signal?: AbortSignal) => json<Page<Token>>(`${apiPaths.tokens(workspace)}?limit=200`, { signal }),
  createToken: (workspace: string, body: CreateToken) => json<CreatedToken>(apiPaths.tokens(workspace), { method: 'POST', body }),
  revokeToken: (workspace: string, id: string) => done(`${apiPaths.tokens(workspace)}/${id}`, { method: 'DELETE' }),
};
