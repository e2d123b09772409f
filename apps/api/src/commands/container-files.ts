/**
 * Files of a run's container, by its agent: what is in a folder, and files on their way out or in, a piece a call. The next piece is asked
 * for once the last one was taken, at both ends, so that nothing holds more than a piece, at whichever replica.
 */
import { BerthError } from '@berth/shared/errors/problem';
import { type Files, UPLOAD_BYTES, type Uploaded } from '@berth/shared/http/files';
import type { Attempt } from '@berth/shared/model/run';
import { TAR_END, TarScanner, tarHeader, tarPadding } from '@berth/shared/protocol/tar';
import { Injectable } from '@nestjs/common';
import { HostCalls } from '../agents/host-calls.ts';
import { RunWrites } from '../persistence/run-writes.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { CallContainerCommand } from './call-container.ts';
import { checkedTar, TarTransfers } from './tar-transfers.ts';

const FILE_MODE = 0o644;

export interface Download {
  /** As it is to be saved: a folder as a tar. */
  name: string;
  type: 'file' | 'tar';
  /** Null for a tar. */
  bytes: number | null;
  pieces: AsyncIterable<Uint8Array>;
}

export interface Upload {
  path: string;
  /** A tar is unpacked into the folder `path`; otherwise the body is the file `path`. */
  tar: boolean;
  /** Of the body; null where it was not said. */
  bytes: number | null;
  body: AsyncIterable<Uint8Array>;
}

@Injectable()
export class ContainerFilesCommand {
  constructor(
    private readonly container: CallContainerCommand,
    private readonly writes: RunWrites,
    private readonly calls: HostCalls,
    private readonly transfers: TarTransfers,
    private readonly wakeups: Wakeups,
  ) {}

  async list(workspaceId: string, runId: string, path: string): Promise<Files> {
    const { attempt } = await this.container.placed(workspaceId, runId);
    const { entries, total, cut } = await this.calls.call<'files.list'>(attempt, attempt.id, { name: 'files.list', path });
    // Folders first, then by name: as people look for them.
    const order = (type: string) => (type === 'folder' ? 0 : 1);
    entries.sort((a, b) => order(a.type) - order(b.type) || (a.name < b.name ? -1 : 1));
    return { path, entries, total, cut };
  }

  async download(workspaceId: string, runId: string, path: string): Promise<Download> {
    const { attempt } = await this.container.placed(workspaceId, runId);
    const { transfer, stat } = await this.calls.call<'files.open'>(attempt, attempt.id, { name: 'files.open', path });
    const name = nameOf(path) || stat.name.replaceAll('/', '') || 'root';
    const tar = this.transfers.read({ ...attempt, owner: attempt.id, transfer });
    if (stat.type === 'folder') return { name: `${name}.tar`, type: 'tar', bytes: null, pieces: tar };
    const file = new TarFile(tar);
    // As large as the tar says: it may have grown since it was looked at.
    return { name, type: 'file', bytes: await file.size(), pieces: file.pieces() };
  }

  async upload(workspaceId: string, runId: string, actor: string, upload: Upload): Promise<Uploaded> {
    const { path, tar, bytes } = upload;
    if (bytes !== null && bytes > UPLOAD_BYTES) throw new BerthError('too-large', tooLarge);
    const name = nameOf(path);
    if (!tar && name === '') throw new BerthError('invalid-request', 'The path names no file.', at('must end with the name of the file'));
    if (!tar && bytes === null)
      throw new BerthError('invalid-request', 'The length of a file must be known beforehand: send Content-Length, or a tar.');
    const { attempt } = await this.container.placed(workspaceId, runId);
    const folder = tar ? path : path.slice(0, path.lastIndexOf('/', path.length - name.length - 1)) || '/';
    const mode = tar ? FILE_MODE : await this.modeOf(attempt, path);
    const { transfer } = await this.calls.call<'files.create'>(attempt, attempt.id, { name: 'files.create', path: folder });
    await this.writes.noteUpload({ workspaceId, runId, actor }, path);
    this.wakeups.notify(`events:${workspaceId}`);
    const counted = new Counted(upload.body);
    try {
      const source = tar ? checkedTar(counted.pieces()) : oneFile(name, mode, bytes ?? 0, counted.pieces());
      await this.transfers.write({ ...attempt, owner: attempt.id, transfer }, source);
    } catch (error) {
      await this.transfers.close({ ...attempt, owner: attempt.id, transfer });
      throw error;
    }
    return { path, bytes: counted.bytes };
  }

  /** A file that is replaced stays executable. */
  private async modeOf(attempt: Attempt, path: string): Promise<number> {
    try {
      const stat = await this.calls.call<'files.stat'>(attempt, attempt.id, { name: 'files.stat', path });
      if (stat.type === 'folder') throw new BerthError('conflict', `${path} is a folder in the container.`);
      return stat.mode;
    } catch (error) {
      if (error instanceof BerthError && error.code === 'not-found') return FILE_MODE;
      throw error;
    }
  }
}

const tooLarge = `An upload has at most ${UPLOAD_BYTES / 1024 ** 3} GiB.`;
const at = (message: string) => ({ errors: [{ path: 'path', message }] });
const nameOf = (path: string): string => path.slice(path.replace(/\/+$/, '').lastIndexOf('/') + 1).replace(/\/+$/, '');

class Counted {
  bytes = 0;
  readonly #body: AsyncIterable<Uint8Array>;
  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body;
  }
  async *pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#body) {
      this.bytes += piece.length;
      if (this.bytes > UPLOAD_BYTES) throw new BerthError('too-large', tooLarge);
      yield piece;
    }
  }
}

async function* oneFile(name: string, mode: number, size: number, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield tarHeader({ name, size, mode, mtime: Math.floor(Date.now() / 1000) });
  let sent = 0;
  for await (const piece of body) {
    sent += piece.length;
    yield piece;
  }
  if (sent !== size) throw new BerthError('invalid-request', `The body has ${sent} bytes, and its Content-Length said ${size}.`);
  yield tarPadding(size);
  yield TAR_END;
}

/** The one file of a tar, without what is around it. */
class TarFile {
  readonly #tar: AsyncIterator<Uint8Array>;
  readonly #scanner: TarScanner;
  #size: number | null = null;
  #data: Uint8Array[] = [];

  constructor(tar: AsyncIterable<Uint8Array>) {
    this.#tar = tar[Symbol.asyncIterator]();
    this.#scanner = new TarScanner({
      entry: ({ size }) => {
        this.#size ??= size;
      },
      data: (bytes) => void this.#data.push(bytes),
    });
  }

  async size(): Promise<number> {
    while (this.#size === null && (await this.#step()));
    return this.#size ?? 0;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    try {
      do {
        const data = this.#data;
        this.#data = [];
        yield* data;
      } while (await this.#step());
      if (!this.#scanner.ended) throw new Error('the tar of the file ended before its end');
    } finally {
      await this.#tar.return?.();
    }
  }

  /** False: there is no more. */
  async #step(): Promise<boolean> {
    const { value, done } = await this.#tar.next();
    if (!done) this.#scanner.push(value);
    return !done;
  }
}
