/** The files of a container by the engine's archive API: it works without a shell in the image, and after the container's end. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Outcome } from '@berth/shared/errors/outcome';
import { type TarEntry, TarScanner } from '@berth/shared/protocol/tar';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { ArchiveUpload, FolderListing, PathStat } from './container-engine.ts';
import { dialStream } from './dial.ts';
import { otherFailure, readAnswer } from './docker-failure.ts';

/** The engine gives a folder with all that is in it, to the bottom: so much of it is looked through for what is directly in it. */
const MOST_LOOKED_THROUGH = 512 * 1024 * 1024;
const LOOK_MS = 12_000;
const MOST_KEPT = 20_000;

const statSchema = z.object({ name: z.string(), size: z.number(), mode: z.number(), mtime: z.string(), linkTarget: z.string() });
/** Of Go's os.FileMode. */
const GO_FOLDER = 2 ** 31;
const GO_LINK = 2 ** 27;
const GO_PERMISSIONS = 0o777;

const CODES = { 200: true, 400: 'bad parameter', 403: 'permission denied', 404: 'not found', 500: 'server error' } as const;
const archive = (containerId: string) => `/containers/${containerId}/archive`;

/** Null where there is no such path. A link is followed. Rejects with docker-modem's error. */
export async function statPath(docker: Docker, containerId: string, path: string, follow = true): Promise<PathStat | null> {
  try {
    const answer = await dialStream(docker, { method: 'HEAD', path: archive(containerId), query: { path }, statusCodes: CODES });
    answer.resume();
    const header = answer.headers['x-docker-container-path-stat'];
    const { name, size, mode, mtime, linkTarget } = statSchema.parse(
      JSON.parse(Buffer.from(typeof header === 'string' ? header : '', 'base64').toString()),
    );
    const isLink = Math.floor(mode / GO_LINK) % 2 === 1;
    // The engine has followed all links by then, within the container.
    if (isLink && follow && linkTarget !== '') return statPath(docker, containerId, linkTarget, false);
    const type = isLink ? 'link' : Math.floor(mode / GO_FOLDER) % 2 === 1 ? 'folder' : 'file';
    return { path, name, type, size, mode: mode % (GO_PERMISSIONS + 1), modifiedAt: new Date(mtime).toISOString() };
  } catch (error) {
    if (readAnswer(error).statusCode === 404) return null;
    throw error;
  }
}

/** The tar of a file or a folder. */
export function readArchive(docker: Docker, containerId: string, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
  return dialStream(docker, {
    method: 'GET',
    path: archive(containerId),
    query: { path },
    statusCodes: CODES,
    ...(signal ? { signal } : {}),
  });
}

/** What is directly in a folder, read from the headers of its tar. `cut`: there may be more. */
export async function listFolder(docker: Docker, containerId: string, path: string): Promise<FolderListing> {
  const entries: TarEntry[] = [];
  const scanner = new TarScanner({
    entry(entry) {
      const name = entry.name.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '');
      if (name !== '' && name !== '.' && !name.includes('/')) entries.push({ ...entry, name });
    },
  });
  const signal = AbortSignal.timeout(LOOK_MS);
  let bytes = 0;
  let stream: IncomingMessage | null = null;
  try {
    stream = await readArchive(docker, containerId, path.endsWith('/') ? `${path}.` : `${path}/.`, signal);
    for await (const piece of stream) {
      bytes += piece.length;
      scanner.push(piece);
      if (bytes > MOST_LOOKED_THROUGH || entries.length > MOST_KEPT) break;
    }
    return { entries, cut: !scanner.ended };
  } catch (error) {
    if (!signal.aborted || bytes === 0) throw error;
    return { entries, cut: true };
  } finally {
    stream?.destroy();
  }
}

/** Unpacks a tar into a folder while it comes. */
export function writeArchive(docker: Docker, containerId: string, folder: string): ArchiveUpload {
  const body = new PassThrough({ highWaterMark: 256 * 1024 });
  const abort = new AbortController();
  body.on('error', () => undefined);
  const options = { path: folder, noOverwriteDirNonDir: '1', abortSignal: abort.signal };
  const answered: Promise<Outcome<void>> = docker
    .getContainer(containerId)
    .putArchive(body, options)
    .then(
      () => ({ ok: true, value: undefined }),
      (error: unknown) => ({ ok: false, failure: otherFailure(error) }),
    );
  // Nobody takes the rest of it then.
  void answered.then(() => body.destroy());
  return {
    async write(bytes) {
      if (body.destroyed) return answered;
      if (!body.write(bytes)) await Promise.race([once(body, 'drain').catch(() => undefined), answered]);
      return { ok: true, value: undefined };
    },
    finish() {
      if (!body.destroyed) body.end();
      return answered;
    },
    abort: () => abort.abort(),
  };
}
