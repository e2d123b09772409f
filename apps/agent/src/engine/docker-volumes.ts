/**
 * Named volumes of the engine. What is in one is reached by the archive API, which needs a container: one that holds the volume and is
 * never started, of an image with nothing in it. It goes when the stream ends; those of an agent that was killed go with the next one's first.
 */
import { Readable } from 'node:stream';
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import { engineVolumeName } from '@berth/shared/model/volume';
import { TAR_END } from '@berth/shared/protocol/tar';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { ArchiveUpload, VolumeSize } from './container-engine.ts';
import { LABELS } from './create-body.ts';
import { dialStream } from './dial.ts';
import { readArchive, writeArchive } from './docker-archive.ts';
import { otherFailure, readAnswer } from './docker-failure.ts';

const EMPTY_IMAGE = 'berth-empty:1';
const HOLDER_PATH = '/volume';
/** The engine walks through all of its volumes, whichever are asked for. */
const MEASURE_MS = 15_000;

const usageSchema = z.object({
  Volumes: z
    .array(
      z.object({
        Name: z.string(),
        Labels: z.record(z.string(), z.string()).nullish(),
        UsageData: z.object({ Size: z.int() }).nullish(),
      }),
    )
    .nullish(),
});

const refused = (message: string): { ok: false; failure: Failure } => ({
  ok: false,
  failure: { kind: 'cannot-ever', reason: 'engine-error', message },
});

export class DockerVolumes {
  readonly #docker: Docker;
  readonly #hostId: string;
  /** Ids of the containers that hold a volume for a stream of this process. */
  readonly #holders = new Set<string>();

  constructor(docker: Docker, hostId: string) {
    this.#docker = docker;
    this.#hostId = hostId;
  }

  async measure(volumeIds: readonly string[]): Promise<Outcome<VolumeSize[]>> {
    const signal = AbortSignal.timeout(MEASURE_MS);
    try {
      const answer = await dialStream(this.#docker, {
        method: 'GET',
        path: '/system/df',
        query: { type: 'volume' },
        statusCodes: { 200: true, 500: 'server error' },
        signal,
      });
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      const found = new Map((usageSchema.parse(JSON.parse(Buffer.concat(parts).toString())).Volumes ?? []).map((one) => [one.Name, one]));
      const sizes = volumeIds.flatMap((volume): VolumeSize[] => {
        const one = found.get(engineVolumeName(volume));
        if (!one || one.Labels?.[LABELS.host] !== this.#hostId) return [{ volume, bytes: null }];
        const bytes = one.UsageData?.Size ?? -1;
        return bytes < 0 ? [] : [{ volume, bytes }];
      });
      return { ok: true, value: sizes };
    } catch (error) {
      if (!signal.aborted) return { ok: false, failure: otherFailure(error) };
      const message = `the engine did not measure its volumes within ${MEASURE_MS / 1000} s`;
      return { ok: false, failure: { kind: 'cannot-now', reason: 'waiting-for-engine', message, cause: error } };
    }
  }

  async remove(volumeId: string): Promise<Outcome<void>> {
    const name = engineVolumeName(volumeId);
    const owned = await this.#isOwn(volumeId);
    if (!owned.ok) return owned;
    if (owned.value === null) return { ok: true, value: undefined };
    try {
      const users = await this.#docker.listContainers({ all: true, filters: { volume: [name] } });
      const inTheWay = users.find(({ State, Labels }) => State === 'running' || State === 'paused' || Labels[LABELS.host] !== this.#hostId);
      if (inTheWay) return refused(`the container ${inTheWay.Names[0]?.slice(1) ?? inTheWay.Id} has the volume`);
      // Kept as evidence, and nothing refers to them any more.
      for (const { Id } of users) await this.#removeContainer(Id);
      await this.#docker.getVolume(name).remove();
    } catch (error) {
      if (readAnswer(error).statusCode !== 404) return { ok: false, failure: otherFailure(error) };
    }
    return { ok: true, value: undefined };
  }

  async read(volumeId: string): Promise<Outcome<Readable>> {
    const holder = await this.#hold(volumeId);
    if (!holder.ok) return holder;
    try {
      const stream = await readArchive(this.#docker, holder.value, `${HOLDER_PATH}/.`);
      stream.once('close', () => void this.#release(holder.value));
      return { ok: true, value: stream };
    } catch (error) {
      await this.#release(holder.value);
      return { ok: false, failure: otherFailure(error) };
    }
  }

  async fill(volumeId: string): Promise<Outcome<ArchiveUpload>> {
    const holder = await this.#hold(volumeId);
    if (!holder.ok) return holder;
    const upload = writeArchive(this.#docker, holder.value, HOLDER_PATH);
    return {
      ok: true,
      value: {
        write: (bytes) => upload.write(bytes),
        finish: () => upload.finish(),
        // The end of every transfer, also of one that was finished.
        abort: () => {
          upload.abort();
          void this.#release(holder.value);
        },
      },
    };
  }

  /** Null: there is no such volume. Refused where it is another host's: several agents may share one engine. */
  async #isOwn(volumeId: string): Promise<Outcome<true | null>> {
    try {
      const { Labels } = await this.#docker.getVolume(engineVolumeName(volumeId)).inspect();
      return Labels?.[LABELS.host] === this.#hostId ? { ok: true, value: true } : refused('the volume is not one of this host');
    } catch (error) {
      return readAnswer(error).statusCode === 404 ? { ok: true, value: null } : { ok: false, failure: otherFailure(error) };
    }
  }

  /** The id of a container that has the volume; the volume is made where it is not there. */
  async #hold(volumeId: string): Promise<Outcome<string>> {
    const owned = await this.#isOwn(volumeId);
    if (!owned.ok) return owned;
    const labels = { [LABELS.host]: this.#hostId, [LABELS.volume]: volumeId };
    try {
      await this.#removeForgotten();
      await this.#makeEmptyImage();
      const { id } = await this.#docker.createContainer({
        Image: EMPTY_IMAGE,
        // Never started: a container cannot be made without one.
        Cmd: ['none'],
        Labels: labels,
        HostConfig: {
          NetworkMode: 'none',
          Mounts: [
            {
              Type: 'volume',
              Source: engineVolumeName(volumeId),
              Target: HOLDER_PATH,
              VolumeOptions: { NoCopy: true, Labels: labels, DriverConfig: { Name: 'local', Options: {} } },
            },
          ],
        },
      });
      this.#holders.add(id);
      return { ok: true, value: id };
    } catch (error) {
      return { ok: false, failure: otherFailure(error) };
    }
  }

  /** Never rejects: what stays is forgotten, and goes before the next one. */
  async #release(containerId: string): Promise<void> {
    await this.#removeContainer(containerId).catch(() => undefined);
    this.#holders.delete(containerId);
  }

  async #removeForgotten(): Promise<void> {
    const label = [`${LABELS.host}=${this.#hostId}`, LABELS.volume];
    const found = await this.#docker.listContainers({ all: true, filters: { label } });
    for (const { Id } of found) if (!this.#holders.has(Id)) await this.#removeContainer(Id);
  }

  async #removeContainer(id: string): Promise<void> {
    try {
      await this.#docker.getContainer(id).remove({ v: true });
    } catch (error) {
      // 409: its removal is under way already.
      const { statusCode } = readAnswer(error);
      if (statusCode !== 404 && statusCode !== 409) throw error;
    }
  }

  async #makeEmptyImage(): Promise<void> {
    try {
      await this.#docker.getImage(EMPTY_IMAGE).inspect();
    } catch (error) {
      if (readAnswer(error).statusCode !== 404) throw error;
      const [repo, tag] = EMPTY_IMAGE.split(':');
      const answer = await this.#docker.importImage(Readable.from([TAR_END]), { repo, tag });
      // The image is there once the answer has ended.
      for await (const _ of answer);
    }
  }
}
