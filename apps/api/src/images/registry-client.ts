/** Questions to a registry (OCI distribution): what a tag names, and which tags there are. Nothing is pulled. */
import { DOCKER_HUB, type ImageReference } from '@berth/shared/model/image-reference';
import { z } from 'zod';
import { pauseOf } from '../planning/images/rate-limit.ts';

const ANSWER_MS = 10_000;
const TAG_PAGES = 5;
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export interface RegistryLogin {
  username: string;
  password: string;
}

/** `pauseSeconds`: the registry asks not to be asked for so long. */
export type RegistryAnswer<T> = { pauseSeconds: number | null } & ({ ok: true; value: T } | { ok: false; message: string });

const tagsSchema = z.object({ tags: z.array(z.string()).nullish() });
const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** As the engines: plain HTTP to this machine alone. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/;
const baseOf = ({ registry }: ImageReference): string =>
  registry === DOCKER_HUB ? 'https://registry-1.docker.io' : `${LOOPBACK.test(registry) ? 'http' : 'https'}://${registry}`;

/** One HEAD, which Docker Hub does not count as a pull. */
export async function digestOfTag(image: ImageReference, login: RegistryLogin | null): Promise<RegistryAnswer<string>> {
  return asked(image, async () => {
    const response = await ask(image, 'HEAD', `${baseOf(image)}/v2/${image.repository}/manifests/${image.tag}`, login);
    const digest = response.headers.get('docker-content-digest');
    if (response.ok && digest === null)
      return { ...pauseIn(response), ok: false, message: `${image.registry} does not say which digest it is.` };
    return response.ok ? { ...pauseIn(response), ok: true, value: digest ?? '' } : refused(image, response);
  });
}

/** The first thousands of them. */
export async function tagsOf(image: ImageReference, login: RegistryLogin | null): Promise<RegistryAnswer<string[]>> {
  return asked(image, async () => {
    const tags: string[] = [];
    let url: string | null = `${baseOf(image)}/v2/${image.repository}/tags/list?n=1000`;
    for (let page = 0; url !== null && page < TAG_PAGES; page++) {
      const response: Response = await ask(image, 'GET', url, login);
      if (!response.ok) return refused(image, response);
      tags.push(...(tagsSchema.parse(await response.json()).tags ?? []));
      const pause = pauseIn(response);
      if (pause.pauseSeconds !== null) return { ...pause, ok: true, value: tags };
      const next: string | undefined = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1];
      const following: URL | null = next ? new URL(next, url) : null;
      url = following && following.origin === new URL(url).origin ? following.href : null;
    }
    return { pauseSeconds: null, ok: true, value: tags };
  });
}

async function asked<T>({ registry }: ImageReference, work: () => Promise<RegistryAnswer<T>>): Promise<RegistryAnswer<T>> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const message = `${registry} was not reached: ${cause instanceof Error ? cause.message : String(cause)}.`;
    return { pauseSeconds: null, ok: false, message };
  }
}

const pauseIn = ({ status, headers }: Response) => ({
  pauseSeconds: pauseOf({ status, retryAfter: headers.get('retry-after'), remaining: headers.get('ratelimit-remaining') }, Date.now()),
});

function refused({ registry, repository, tag }: ImageReference, response: Response): RegistryAnswer<never> {
  const words: Record<number, string> = {
    401: `${registry} wants other credentials for ${repository}.`,
    403: `${registry} does not allow to look at ${repository}.`,
    404: `${registry} has no ${repository}:${tag}.`,
    429: `${registry} has had enough questions for now (its rate limit): it is asked again later.`,
  };
  return { ...pauseIn(response), ok: false, message: words[response.status] ?? `${registry} answered ${response.status}.` };
}

/** With what the registry asks for: nothing, a password, or a token that somebody else gives out for it. */
async function ask(image: ImageReference, method: 'GET' | 'HEAD', url: string, login: RegistryLogin | null): Promise<Response> {
  const request = (authorization?: string) =>
    fetch(url, {
      method,
      headers: { accept: method === 'HEAD' ? MANIFESTS : 'application/json', ...(authorization ? { authorization } : {}) },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  const first = await request();
  if (first.status !== 401) return first;
  const challenge = first.headers.get('www-authenticate') ?? '';
  const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  if (/^basic\b/i.test(challenge)) return basic ? request(basic) : first;
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
  const realm = field('realm');
  if (!/^bearer\b/i.test(challenge) || realm === undefined || !URL.canParse(realm)) return first;
  const door = new URL(realm);
  // A password goes to nobody in the clear, unless all of it is on this machine.
  if (door.protocol !== 'https:' && !(LOOPBACK.test(image.registry) && LOOPBACK.test(door.host))) return first;
  const service = field('service');
  if (service !== undefined) door.searchParams.set('service', service);
  door.searchParams.set('scope', `repository:${image.repository}:pull`);
  const given = await fetch(door, {
    headers: basic ? { authorization: basic } : {},
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!given.ok) return given.status === 429 ? given : first;
  const { token, access_token } = tokenSchema.parse(await given.json());
  return request(`Bearer ${token ?? access_token ?? ''}`);
}
