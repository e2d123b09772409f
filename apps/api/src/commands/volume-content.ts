/** What is in a volume, out to a file and in from one, by the agent of its host. Nothing stops the runs that write to it meanwhile. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { BerthError } from '@berth/shared/errors/problem';
import { RESTORE_BYTES, type Restored } from '@berth/shared/http/volumes';
import type { Volume } from '@berth/shared/model/volume';
import { Injectable } from '@nestjs/common';
import { type CalledHost, HostCalls } from '../agents/host-calls.ts';
import { VolumeCare } from '../agents/volume-care.ts';
import { type VolumeChange, VolumeRepository } from '../persistence/volume-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { checkedTar, TarTransfers } from './tar-transfers.ts';

/** Containers that have it mounted, or are about to. */
const isMounted = ({ phase }: Volume['status']['users'][number]): boolean => phase !== 'queued';

@Injectable()
export class VolumeContentCommand {
  constructor(
    private readonly volumes: VolumeRepository,
    private readonly care: VolumeCare,
    private readonly calls: HostCalls,
    private readonly transfers: TarTransfers,
    private readonly wakeups: Wakeups,
  ) {}

  /** Its size, asked of its host now. */
  async measure(workspaceId: string, volumeId: string): Promise<Volume> {
    const { host } = await this.placed(workspaceId, volumeId);
    await this.care.measure({ workspaceId, ...host, volumeIds: [volumeId] });
    return (await this.placed(workspaceId, volumeId)).volume;
  }

  async backup(workspaceId: string, volumeId: string, zip: boolean): Promise<{ name: string; pieces: AsyncIterable<Uint8Array> }> {
    const { volume, host } = await this.placed(workspaceId, volumeId);
    const { transfer } = await this.calls.call<'volume.open'>(host, '', { name: 'volume.open', volume: volumeId });
    const tar = this.transfers.read({ ...host, owner: volumeId, transfer });
    const { name } = volume.metadata;
    if (!zip) return { name: `${name}.tar`, pieces: tar };
    return { name: `${name}.tar.gz`, pieces: through(tar, createGzip()) };
  }

  /** What was in the volume beside what the backup has stays there. Throws `conflict` while a container may write to it, unless `force`. */
  async restore(change: VolumeChange, body: AsyncIterable<Uint8Array>, force: boolean): Promise<Restored> {
    const { workspaceId, volumeId } = change;
    const { volume, host } = await this.placed(workspaceId, volumeId);
    const user = volume.status.users.find(isMounted);
    if (user && !force) {
      throw new BerthError('conflict', `The run "${user.name}" has the volume mounted: stop it first, or restore with ?force=true.`);
    }
    const { transfer } = await this.calls.call<'volume.fill'>(host, '', { name: 'volume.fill', volume: volumeId });
    await this.volumes.noteRestore(change, volume.metadata.name);
    this.wakeups.notify(`events:${workspaceId}`);
    const open = { ...host, owner: volumeId, transfer };
    const counted = { bytes: 0, entries: 0 };
    try {
      const tar = unzipped(counting(body, counted));
      await this.transfers.write(
        open,
        checkedTar(within(tar), () => void counted.entries++),
      );
    } finally {
      await this.transfers.close(open);
    }
    void this.care.measure({ workspaceId, ...host, volumeIds: [volumeId] }).catch(() => undefined);
    return counted;
  }

  private async placed(workspaceId: string, volumeId: string): Promise<{ volume: Volume; host: CalledHost }> {
    const volume = await this.volumes.get(workspaceId, volumeId);
    if (!volume) throw new BerthError('not-found', `There is no volume ${volumeId}.`);
    const { hostId, hostName } = volume.status;
    if (hostId === null || hostName === null) {
      const mend = 'start a run that has it, or name a host when you create it (spec.host)';
      throw new BerthError('conflict', `The volume is not on any host yet: ${mend}.`);
    }
    return { volume, host: { hostId, hostName } };
  }
}

async function* counting(body: AsyncIterable<Uint8Array>, counted: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    counted.bytes += piece.length;
    yield piece;
  }
}

async function* within(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of tar) {
    bytes += piece.length;
    if (bytes > RESTORE_BYTES) throw new BerthError('too-large', `A backup has at most ${RESTORE_BYTES / 1024 ** 3} GiB, unpacked.`);
    yield piece;
  }
}

/** Whether a tar is compressed, its first two bytes say. */
async function* unzipped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await pieces.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* whole();
  try {
    yield* through(whole(), createGunzip());
  } catch (error) {
    if (error instanceof BerthError || !(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
    throw new BerthError('invalid-request', `The body is no whole .tar.gz: ${error.message}.`);
  }
}

/** A fault of the source, or a reader that leaves, ends both. */
function through(source: AsyncIterable<Uint8Array>, by: ReturnType<typeof createGzip>): AsyncIterable<Uint8Array> {
  pipeline(Readable.from(source), by, () => undefined);
  return by;
}
