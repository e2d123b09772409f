/** Docker Engine (and Podman's compatible API) over its HTTP API, version 1.41 at the lowest. The only importer of dockerode. */
import type { Duplex, Readable } from 'node:stream';
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import { familiarImageName, parseImageReference } from '@berth/shared/model/image-reference';
import type { Pull } from '@berth/shared/model/pull';
import { type Health, healthSchema } from '@berth/shared/model/run';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { ObservedContainer } from '../planner/model.ts';
import type { Counters } from '../stats/counters.ts';
import type {
  ArchiveUpload,
  ContainerEngine,
  ContainerFate,
  CreateRequest,
  Credentials,
  EngineEvent,
  EngineFacts,
  ExecRequest,
  ExecResult,
  FolderListing,
  LocalImage,
  OpenedTerminal,
  OutputReading,
  OutputSink,
  PathStat,
  ReadLogsRequest,
  RecordSink,
  TerminalRequest,
  VolumeSize,
} from './container-engine.ts';
import { CHECK_BEGINS } from './container-engine.ts';
import { createBody, DEFAULT_RECORD_BYTES, LABELS } from './create-body.ts';
import { dialAttachment, dialInput, dialStream, jsonLines } from './dial.ts';
import { listFolder, readArchive, statPath, writeArchive } from './docker-archive.ts';
import { execIn } from './docker-exec.ts';
import { createFailure, otherFailure, readAnswer, startFailure } from './docker-failure.ts';
import { isNetworkMissing, WorkspaceNetworks } from './docker-network.ts';
import { pullImage } from './docker-pull.ts';
import { countersOf, statsSchema } from './docker-stats.ts';
import { openTerminalIn } from './docker-terminal.ts';
import { DockerVolumes } from './docker-volumes.ts';
import { readAttachment, readRecord } from './output-reading.ts';
import { inSeconds } from './record-time.ts';

const IMAGE_LIST_LIMIT = 500;
/** Its ping takes no lock: an engine that is only busy answers within moments. */
const PATIENCE_MS = 5000;
const ARCHITECTURES: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' };

/** Characters of what a health check wrote. */
const MOST_CHECK_OUTPUT = 1000;

const waitSchema = z.object({ StatusCode: z.int() });
const topSchema = z.object({ Titles: z.array(z.string()), Processes: z.array(z.array(z.string())).nullish() });
const changesSchema = z.array(z.object({ Path: z.string(), Kind: z.int() })).nullable();
/** archive.ChangeType of moby. */
const CHANGE_KINDS = ['changed', 'added', 'deleted'] as const;
const eventSchema = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()).nullish() }).optional(),
});

async function attempt<T>(work: () => Promise<T>, classify: (error: unknown) => Failure = otherFailure): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, failure: classify(error) };
  }
}

/** Docker's zero time is the year 1. */
function time(text: string | undefined): number | null {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isFinite(at) && at > 0 ? at : null;
}

/** Docker notes the start after the process was let go: of a container that was quicker, the end came first. */
function startOf(state: { Running: boolean; StartedAt: string; FinishedAt: string }): number | null {
  const started = time(state.StartedAt);
  const finished = time(state.FinishedAt);
  return started !== null && finished !== null && !state.Running ? Math.min(started, finished) : started;
}

/** `hostId`: only containers labelled with it are looked at; several agents may share one engine. */
export class DockerEngine implements ContainerEngine {
  readonly #docker: Docker;
  /** Images that were looked at: whether they have a health check of their own. */
  readonly #checkedImages = new Map<string, boolean>();
  readonly #hostId: string;
  readonly #networks: WorkspaceNetworks;
  readonly #volumes: DockerVolumes;
  readonly recordBytes: number;

  /** `recordBytes`: of the record of each container that it creates. */
  constructor(docker: Docker, hostId: string, recordBytes = DEFAULT_RECORD_BYTES) {
    this.#docker = docker;
    this.#hostId = hostId;
    this.#networks = new WorkspaceNetworks(docker);
    this.#volumes = new DockerVolumes(docker, hostId);
    this.recordBytes = recordBytes;
  }

  async answers(): Promise<Outcome<void>> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const request = { method: 'GET', path: '/_ping', statusCodes: { 200: true, 500: 'server error' }, signal } as const;
    const answered = await attempt(async () => void (await dialStream(this.#docker, request)).resume());
    if (answered.ok || !signal.aborted) return answered;
    const message = `the container engine does not answer: nothing came from it for ${PATIENCE_MS / 1000} s`;
    return { ok: false, failure: { kind: 'cannot-now', reason: 'waiting-for-engine', message, cause: answered.failure } };
  }

  facts(): Promise<Outcome<EngineFacts>> {
    return attempt(async () => {
      const [info, version] = await Promise.all([this.#docker.info(), this.#docker.version()]);
      return {
        // The engines of one machine may have the key of the machine; each has a folder of its own.
        id: `${info.ID} ${info.DockerRootDir}`,
        name: 'Docker Engine',
        version: version.Version,
        apiVersion: version.ApiVersion,
        platform: `${info.OSType}/${ARCHITECTURES[info.Architecture] ?? info.Architecture}`,
        kernel: info.KernelVersion,
        cpuMillis: info.NCPU * 1000,
        memoryBytes: info.MemTotal,
        dataFolder: typeof info.DockerRootDir === 'string' ? info.DockerRootDir : null,
      };
    });
  }

  listContainers(known: ReadonlyMap<string, ObservedContainer>): Promise<Outcome<ObservedContainer[]>> {
    return attempt(async () => {
      const list = await this.#docker.listContainers({ all: true, filters: { label: [`${LABELS.host}=${this.#hostId}`] } });
      const found: ObservedContainer[] = [];
      for (const item of list) {
        const attemptId = item.Labels[LABELS.attempt];
        if (attemptId === undefined) continue;
        const before = known.get(attemptId);
        const state = containerState(item.State);
        // The list holds neither times nor exit codes; what was inspected in the same state does not change any more.
        // A container that was started again since is ended in both looks: where that can be, it is looked at.
        const same =
          before?.containerId === item.Id &&
          before.state === state &&
          (before.paused ?? false) === (item.State === 'paused') &&
          (state === 'created' || (before.health?.status ?? null) === healthIn(item.Status));
        if (same) found.push(before);
        else {
          const now = await this.#inspect(item.Id);
          if (now) found.push(now);
        }
      }
      return found;
    });
  }

  inspectContainer(idOrName: string): Promise<Outcome<ObservedContainer | null>> {
    return attempt(() => this.#inspect(idOrName));
  }

  findContainer(attemptId: string): Promise<Outcome<ObservedContainer | null>> {
    return attempt(async () => {
      const named = await this.#inspect(attemptId);
      if (named) return named;
      const label = [`${LABELS.host}=${this.#hostId}`, `${LABELS.attempt}=${attemptId}`];
      const [labelled] = await this.#docker.listContainers({ all: true, filters: { label } });
      return labelled ? this.#inspect(labelled.Id) : null;
    });
  }

  /** Null where there is none, or where it is not this host's. */
  async #inspect(idOrName: string): Promise<ObservedContainer | null> {
    try {
      const found = await this.#docker.getContainer(idOrName).inspect();
      const attemptId = found.Config.Labels[LABELS.attempt];
      if (attemptId === undefined || found.Config.Labels[LABELS.host] !== this.#hostId) return null;
      const state = time(found.State.StartedAt) === null ? 'created' : containerState(found.State.Status);
      return {
        attemptId,
        containerId: found.Id,
        state,
        paused: found.State.Paused,
        createdAt: time(found.Created) ?? 0,
        startedAt: startOf(found.State),
        finishedAt: time(found.State.FinishedAt),
        exitCode: found.State.Running ? null : found.State.ExitCode,
        oomKilled: found.State.OOMKilled,
        engineMessage: found.State.Error,
        health: healthOf(found.State.Health) ?? (state === 'created' && hasCheck(found.Config.Healthcheck) ? CHECK_BEGINS : null),
      };
    } catch (error) {
      if (readAnswer(error).statusCode === 404) return null;
      throw error;
    }
  }

  findImage(reference: string): Promise<Outcome<LocalImage | null>> {
    return attempt(async () => {
      try {
        const found = await this.#docker.getImage(reference).inspect();
        return { exact: found.Id, digest: found.RepoDigests?.[0]?.split('@')[1] ?? null };
      } catch (error) {
        if (readAnswer(error).statusCode === 404) return null;
        throw error;
      }
    });
  }

  listImages(): Promise<Outcome<string[]>> {
    return attempt(async () => {
      const names = new Set<string>();
      for (const image of await this.#docker.listImages()) {
        for (const name of [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])]) {
          const parsed = parseImageReference(name);
          if (parsed.ok) names.add(familiarImageName(parsed.image));
        }
      }
      return [...names].sort().slice(0, IMAGE_LIST_LIMIT);
    });
  }

  pullImage(
    reference: string,
    credentials: Credentials | null,
    progress: (pull: Pull) => void,
    signal: AbortSignal,
  ): Promise<Outcome<Pull>> {
    return pullImage(this.#docker, { reference, credentials, progress, signal });
  }

  async createContainer(request: CreateRequest): Promise<Outcome<ObservedContainer>> {
    const unknown = request.spec.volumes?.find(({ volume }) => !request.volumes.some(({ name }) => name === volume));
    if (unknown) {
      const message = `Berth did not say which volume "${unknown.volume}" is`;
      return { ok: false, failure: { kind: 'cannot-ever', reason: 'invalid-spec', message } };
    }
    const inNetwork = request.spec.network === 'workspace';
    const network: Outcome<void> = inNetwork ? await this.#networks.ensure(request.workspaceId) : { ok: true, value: undefined };
    if (!network.ok) return network;
    const create = () => attempt(() => this.#docker.createContainer(createBody(request, this.#hostId, this.recordBytes)), createFailure);
    const checking = this.#isChecked(request);
    let created = await create();
    if (!created.ok && inNetwork && isNetworkMissing(created.failure.cause)) {
      const again = await this.#networks.again(request.workspaceId);
      if (!again.ok) return again;
      created = await create();
    }
    const checked = await checking;
    if (created.ok) {
      const ends = { startedAt: null, finishedAt: null, exitCode: null, oomKilled: false, engineMessage: '' } as const;
      const fresh = { state: 'created', ...ends, health: checked ? CHECK_BEGINS : null } as const;
      return { ok: true, value: { attemptId: request.attemptId, containerId: created.value.id, createdAt: Date.now(), ...fresh } };
    }
    // A retry meets its own container: adopt it.
    if (created.failure.kind !== 'cannot-ever' || readAnswer(created.failure.cause).statusCode !== 409) return created;
    const found = await this.inspectContainer(request.attemptId);
    if (!found.ok) return found;
    return found.value === null ? created : { ok: true, value: found.value };
  }

  /** It has a health check, by its spec or its image: it is not healthy before that has said so. */
  async #isChecked({ image, spec: { healthcheck } }: CreateRequest): Promise<boolean> {
    if (healthcheck?.disabled) return false;
    if (healthcheck?.command) return true;
    const known = this.#checkedImages.get(image);
    if (known !== undefined) return known;
    const found = await attempt(() => this.#docker.getImage(image).inspect());
    // Where it cannot be looked at, its container cannot be made either.
    if (!found.ok) return false;
    const checked = hasCheck(found.value.Config?.Healthcheck);
    this.#checkedImages.set(image, checked);
    return checked;
  }

  attach(containerId: string, tty: boolean, sink: OutputSink): Promise<Outcome<OutputReading>> {
    return attempt(async () => readAttachment(await dialAttachment(this.#docker, containerId), tty, sink));
  }

  awaitExit(
    containerId: string,
    condition: 'next-exit' | 'not-running',
  ): Promise<Outcome<{ fate: Promise<ContainerFate>; close(): void }>> {
    return attempt(async () => {
      const answer = await dialStream(this.#docker, {
        method: 'POST',
        path: `/containers/${containerId}/wait`,
        query: { condition },
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
      });
      return { fate: readFate(jsonLines(answer)), close: () => void answer.destroy() };
    });
  }

  async startContainer(containerId: string): Promise<Outcome<void>> {
    const start = () => attempt(async () => void (await this.#docker.getContainer(containerId).start()), startFailure);
    const started = await start();
    if (started.ok || !isNetworkMissing(started.failure.cause)) return started;
    const rejoined = await this.#networks.rejoin(containerId);
    if (!rejoined.ok) return rejoined;
    return rejoined.value ? start() : started;
  }

  stopContainer(containerId: string, graceSeconds: number): Promise<Outcome<void>> {
    return attempt(() => tolerating([304, 404], () => this.#docker.getContainer(containerId).stop({ t: graceSeconds })));
  }

  killContainer(containerId: string): Promise<Outcome<void>> {
    return attempt(() => tolerating([404, 409], () => this.#docker.getContainer(containerId).kill({ signal: 'SIGKILL' })));
  }

  pauseContainer(containerId: string): Promise<Outcome<void>> {
    return attempt(() => tolerating([404, 409], () => this.#docker.getContainer(containerId).pause()));
  }

  /** The engine has no word of its own for one that is not paused: an error 500. */
  resumeContainer(containerId: string): Promise<Outcome<void>> {
    return attempt(() => tolerating([404, 409, 500], () => this.#docker.getContainer(containerId).unpause()));
  }

  removeContainer(containerId: string): Promise<Outcome<void>> {
    return attempt(() => tolerating([404, 409], () => this.#docker.getContainer(containerId).remove({ force: true, v: true })));
  }

  exec(request: ExecRequest): Promise<Outcome<ExecResult>> {
    return attempt(() => execIn(this.#docker, request));
  }

  openTerminal(request: TerminalRequest): Promise<Outcome<OpenedTerminal>> {
    return attempt(() => openTerminalIn(this.#docker, request));
  }

  openInput(containerId: string, tty: boolean): Promise<Outcome<Duplex>> {
    return attempt(() => dialInput(this.#docker, containerId, tty));
  }

  resizeTerminal(containerId: string, columns: number, rows: number): Promise<Outcome<void>> {
    return attempt(async () => void (await this.#docker.getContainer(containerId).resize({ h: rows, w: columns })));
  }

  processes(containerId: string): Promise<Outcome<{ titles: string[]; rows: string[][] }>> {
    return attempt(async () => {
      const { Titles, Processes } = topSchema.parse(await this.#docker.getContainer(containerId).top({ ps_args: '-ef' }));
      return { titles: Titles, rows: Processes ?? [] };
    });
  }

  changes(containerId: string): Promise<Outcome<{ path: string; kind: 'changed' | 'added' | 'deleted' }[]>> {
    return attempt(async () => {
      const found = changesSchema.parse(await this.#docker.getContainer(containerId).changes());
      return (found ?? []).map(({ Path, Kind }) => ({ path: Path, kind: CHANGE_KINDS[Kind] ?? 'changed' }));
    });
  }

  measureVolumes(volumeIds: readonly string[]): Promise<Outcome<VolumeSize[]>> {
    return this.#volumes.measure(volumeIds);
  }

  removeVolume(volumeId: string): Promise<Outcome<void>> {
    return this.#volumes.remove(volumeId);
  }

  readVolume(volumeId: string): Promise<Outcome<Readable>> {
    return this.#volumes.read(volumeId);
  }

  fillVolume(volumeId: string): Promise<Outcome<ArchiveUpload>> {
    return this.#volumes.fill(volumeId);
  }

  statPath(containerId: string, path: string): Promise<Outcome<PathStat | null>> {
    return attempt(() => statPath(this.#docker, containerId, path));
  }

  listFolder(containerId: string, path: string): Promise<Outcome<FolderListing>> {
    return attempt(() => listFolder(this.#docker, containerId, path));
  }

  readArchive(containerId: string, path: string): Promise<Outcome<Readable>> {
    return attempt(() => readArchive(this.#docker, containerId, path));
  }

  writeArchive(containerId: string, folder: string): ArchiveUpload {
    return writeArchive(this.#docker, containerId, folder);
  }

  rawInspection(containerId: string): Promise<Outcome<Record<string, unknown>>> {
    return attempt(async () => ({ ...(await this.#docker.getContainer(containerId).inspect()) }));
  }

  counters(containerId: string): Promise<Outcome<Counters>> {
    return attempt(async () => {
      const answer = await dialStream(this.#docker, {
        method: 'GET',
        path: `/containers/${containerId}/stats`,
        query: { stream: '0', 'one-shot': '1' },
        statusCodes: { 200: true, 404: 'no such container', 409: 'conflict', 500: 'server error' },
      });
      for await (const line of jsonLines(answer)) return countersOf(statsSchema.parse(line));
      throw new Error('the engine told no statistics');
    });
  }

  readLogs({ containerId, tty, follow, since }: ReadLogsRequest, sink: RecordSink): Promise<Outcome<OutputReading>> {
    return attempt(async () => {
      const answer = await dialStream(this.#docker, {
        method: 'GET',
        path: `/containers/${containerId}/logs`,
        query: {
          stdout: '1',
          stderr: '1',
          follow: follow ? '1' : '0',
          timestamps: tty ? '0' : '1',
          ...(since === null ? {} : { since: inSeconds(since) }),
        },
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
      });
      return readRecord(answer, tty, sink);
    });
  }

  watchEvents(listener: (event: EngineEvent) => void): Promise<Outcome<{ closed: Promise<void>; close(): void }>> {
    return attempt(async () => {
      const answer = await dialStream(this.#docker, {
        method: 'GET',
        path: '/events',
        query: { filters: JSON.stringify({ type: ['container', 'image'] }) },
        statusCodes: { 200: true, 500: 'server error' },
      });
      const closed = this.#readEvents(jsonLines(answer), listener).catch(() => undefined);
      return { closed, close: () => void answer.destroy() };
    });
  }

  async #readEvents(lines: AsyncIterable<unknown>, listener: (event: EngineEvent) => void): Promise<void> {
    for await (const line of lines) {
      const event = eventSchema.safeParse(line);
      if (!event.success) continue;
      const { Type, Action, Actor } = event.data;
      const labels = Actor?.Attributes ?? {};
      const attemptId = labels[LABELS.attempt];
      if (Type === 'image') listener({ type: 'images' });
      else if (attemptId !== undefined && labels[LABELS.host] === this.#hostId) listener({ type: 'container', action: Action, attemptId });
    }
  }
}

function containerState(state: string): ObservedContainer['state'] {
  if (state === 'created') return 'created';
  return state === 'running' || state === 'paused' || state === 'restarting' ? 'running' : 'ended';
}

/** "Up 2 minutes (healthy)": the list says no more of it. */
function healthIn(status: string): Health['status'] | null {
  if (status.endsWith('(healthy)')) return 'healthy';
  if (status.endsWith('(unhealthy)')) return 'unhealthy';
  return status.endsWith('(health: starting)') ? 'starting' : null;
}

const hasCheck = (check: { Test?: string[] | undefined } | undefined): boolean => (check?.Test?.[0] ?? 'NONE') !== 'NONE';

function healthOf(health: { Status: string; FailingStreak: number; Log: { Output: string }[] | null } | undefined): Health | null {
  const status = healthSchema.shape.status.safeParse(health?.Status);
  if (!health || !status.success) return null;
  return {
    status: status.data,
    failingStreak: health.FailingStreak,
    output: (health.Log?.at(-1)?.Output ?? '').slice(0, MOST_CHECK_OUTPUT),
  };
}

async function readFate(lines: AsyncIterable<unknown>): Promise<ContainerFate> {
  try {
    for await (const line of lines) {
      const answer = waitSchema.safeParse(line);
      if (answer.success) return { known: true, exitCode: answer.data.StatusCode };
    }
  } catch {
    // The connection broke: the fate is unknown, and the observation will tell.
  }
  return { known: false };
}

async function tolerating(statusCodes: number[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { statusCode } = readAnswer(error);
    if (statusCode === null || !statusCodes.includes(statusCode)) throw error;
  }
}
