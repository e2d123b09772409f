/** Pushes an image to a registry by its HTTP API (OCI distribution specification). */
import type { RegistryCredentials } from '../registry.ts';
import type { Blob, BuiltImage } from './image.ts';

export interface PushTarget {
  /** "http://127.0.0.1:5000" */
  url: string;
  credentials: RegistryCredentials | null;
}

/** Idempotent. Returns the digest of the manifest. */
export async function pushImage(target: PushTarget, repository: string, tag: string, image: BuiltImage): Promise<string> {
  for (const blob of [...image.layers, image.config]) await pushBlob(target, repository, blob);
  await send(target, 'PUT', `${target.url}/v2/${repository}/manifests/${tag}`, image.manifest.data, image.manifest.mediaType);
  return image.manifest.digest;
}

async function pushBlob(target: PushTarget, repository: string, blob: Blob): Promise<void> {
  const there = await request(target, 'HEAD', `${target.url}/v2/${repository}/blobs/${blob.digest}`);
  if (there.status === 200) return;
  const upload = await send(target, 'POST', `${target.url}/v2/${repository}/blobs/uploads/`);
  const location = new URL(upload.headers.get('location') ?? '', target.url);
  location.searchParams.set('digest', blob.digest);
  await send(target, 'PUT', location.href, blob.data, 'application/octet-stream');
}

function request(target: PushTarget, method: string, url: string, body?: Buffer, type?: string): Promise<Response> {
  const headers = new Headers();
  if (type) headers.set('content-type', type);
  if (target.credentials) {
    const { username, password } = target.credentials;
    headers.set('authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  }
  return fetch(url, { method, headers, body: body ? new Uint8Array(body) : undefined });
}

async function send(target: PushTarget, method: string, url: string, body?: Buffer, type?: string): Promise<Response> {
  const response = await request(target, method, url, body, type);
  if (!response.ok) throw new Error(`the registry refused ${method} ${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return response;
}
