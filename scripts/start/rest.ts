/** The little of the REST API that the launcher uses, as any script would: with fetch and a token. */
import { type Page, waitQuerySchema } from '@berth/shared/http/lists';
import type { CreatedJoinToken, Host } from '@berth/shared/model/host';
import { type Run, runSchema } from '@berth/shared/model/run';
import type { Credentials } from './home.ts';

export interface HostView {
  id: string;
  name: string;
  ready: boolean;
  lastSeenAt: string | null;
}

export function restClient(url: string, credentials: Pick<Credentials, 'workspace' | 'token'>) {
  const base = `${url}/v1/workspaces/${credentials.workspace}`;
  const authorization = `Bearer ${credentials.token}`;

  const request = async (method: string, path: string, body?: unknown, accept = 'application/json'): Promise<Response> => {
    const headers = { authorization, accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(`${base}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    // 408 of `wait` holds the resource as it is.
    if (!response.ok && response.status !== 408) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> => (await request(method, path, body)).json() as T;
  const parseRun = async (answer: Promise<unknown>): Promise<Run> => runSchema.parse(await answer);

  return {
    /** Whether the token works. */
    accepts: () =>
      request('GET', '/runs?limit=1').then(
        () => true,
        () => false,
      ),
    createJoinToken: async () => (await json<CreatedJoinToken>('POST', '/join-tokens', { metadata: { name: 'this-machine' } })).token,
    hosts: async (): Promise<HostView[]> =>
      (await json<Page<Host>>('GET', '/hosts?limit=200')).items.map((host) => ({
        id: host.metadata.id,
        name: host.metadata.name,
        ready: host.status.state === 'ready',
        lastSeenAt: host.status.lastSeenAt,
      })),
    createRun: (image: string) => parseRun(json('POST', '/runs', { spec: { image } })),
    /** The run when it has reached an end, or as it is after `seconds`. */
    waitForEnd: (id: string, seconds: number) => {
      const query = waitQuerySchema.parse({ for: 'exited', timeout: seconds });
      return parseRun(json('GET', `/runs/${id}/wait?for=${query.for}&timeout=${query.timeout}`));
    },
    logs: async (id: string) => Buffer.from(await (await request('GET', `/runs/${id}/logs`, undefined, 'text/plain')).arrayBuffer()),
  };
}
