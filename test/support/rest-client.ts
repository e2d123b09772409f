/** The REST door, as a script would use it: fetch, a token, and the contracts of packages/shared. Every answer is parsed. */
import { type Page, pageSchema } from '@berth/shared/http/lists';
import { type CreatedJoinToken, createdJoinTokenSchema, type Host, hostSchema } from '@berth/shared/model/host';
import { type CreateRun, type Run, type RunSpec, runSchema } from '@berth/shared/model/run';

export interface Access {
  url: string;
  workspace: string;
  token: string;
}

export class RestFailure extends Error {
  override readonly name = 'RestFailure';
  readonly status: number;
  readonly body: string;

  constructor(what: string, status: number, body: string) {
    super(`${what}: ${status} ${body}`);
    this.status = status;
    this.body = body;
  }
}

export class RestClient {
  readonly access: Access;

  constructor(access: Access) {
    this.access = access;
  }

  /** The raw answer; `path` is below the workspace. */
  fetch(path: string, init: { method?: string; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {}) {
    const { url, workspace, token } = this.access;
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, ...init.headers };
    if (init.body !== undefined) headers['content-type'] = 'application/json';
    const body = init.body === undefined ? null : JSON.stringify(init.body);
    return fetch(`${url}/v1/workspaces/${workspace}/${path}`, { method: init.method ?? 'GET', headers, body, signal: init.signal ?? null });
  }

  async createRun(spec: RunSpec, metadata?: CreateRun['metadata'], headers: Record<string, string> = {}): Promise<Run> {
    return runSchema.parse(await this.#json('runs', { method: 'POST', body: { metadata, spec }, headers }));
  }

  async run(id: string): Promise<Run> {
    return runSchema.parse(await this.#json(`runs/${id}`));
  }

  /** Throws where the state is not reached in time, with the run as it is. */
  async wait(id: string, target: 'exited' | 'running' = 'exited', timeoutSeconds = 60): Promise<Run> {
    return runSchema.parse(await this.#json(`runs/${id}/wait?for=${target}&timeout=${timeoutSeconds}`));
  }

  async logs(id: string, stream?: 'stdout' | 'stderr'): Promise<Buffer> {
    const response = await this.fetch(`runs/${id}/logs${stream ? `?stream=${stream}` : ''}`, { headers: { accept: 'text/plain' } });
    if (!response.ok) throw new RestFailure(`GET the log of ${id}`, response.status, await response.text());
    return Buffer.from(await response.arrayBuffer());
  }

  async act(id: string, action: 'stop' | 'kill'): Promise<Run> {
    return runSchema.parse(await this.#json(`runs/${id}/${action}`, { method: 'POST' }));
  }

  async host(id: string): Promise<Host> {
    return hostSchema.parse(await this.#json(`hosts/${id}`));
  }

  async hosts(): Promise<Page<Host>> {
    return pageSchema(hostSchema).parse(await this.#json('hosts?limit=200'));
  }

  async createJoinToken(maxUses: number | null = 1): Promise<CreatedJoinToken> {
    return createdJoinTokenSchema.parse(await this.#json('join-tokens', { method: 'POST', body: { spec: { maxUses } } }));
  }

  async #json(path: string, init: Parameters<RestClient['fetch']>[1] = {}): Promise<unknown> {
    const response = await this.fetch(path, init);
    const text = await response.text();
    if (!response.ok) throw new RestFailure(`${init.method ?? 'GET'} ${path}`, response.status, text);
    return JSON.parse(text);
  }
}
