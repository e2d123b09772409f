/**
 * What the agent needs of a container engine, in our own types. Every method answers with an Outcome: "could not look" and
 * "nothing there" are different values. Failures are classified where the engine's words are read, and nowhere else.
 */
import type { Duplex, Readable } from 'node:stream';
import type { Outcome } from '@berth/shared/errors/outcome';
import type { Pull } from '@berth/shared/model/pull';
import type { Health, PublishedPort, RunSpec } from '@berth/shared/model/run';
import type { TarEntry } from '@berth/shared/protocol/tar';
import type { ObservedContainer } from '../planner/model.ts';
import type { Counters } from '../stats/counters.ts';
import type { RecordTime } from './record-time.ts';

/** Of a container that has a health check, until that has said something. */
export const CHECK_BEGINS: Health = { status: 'starting', failingStreak: 0, output: '' };

export interface EngineFacts {
  /** Of this engine and no other: agents that find the same use one engine. */
  id: string;
  name: string;
  version: string;
  apiVersion: string;
  platform: string;
  kernel: string;
  cpuMillis: number;
  memoryBytes: number;
  /** Where the engine keeps its data; null where it does not say. */
  dataFolder: string | null;
}

/** An image on the host: what to create a container from, exactly. */
export interface LocalImage {
  /** An image id, or repository@digest. */
  exact: string;
  /** Digest in the registry; null for an image that was built here. */
  digest: string | null;
}

export interface Credentials {
  server: string;
  username: string;
  password: string;
}

export interface CreateRequest {
  attemptId: string;
  runId: string;
  workspaceId: string;
  image: string;
  spec: RunSpec;
  ports: PublishedPort[];
  /** The volumes of the spec by their names. */
  volumes: readonly { name: string; id: string }[];
  /** By which names it is found in the network of its workspace. */
  aliases: readonly string[];
  /** Where the spec's mounts lead on this host, in their order; as they are written where absent. */
  mountSources?: readonly string[];
  /** Values of secrets, as variables. */
  secretEnv?: Readonly<Record<string, string>>;
  /** Files of secrets on this host, and where the container has them: Berth's own, whatever the host's policy says of mounts. */
  secretFiles?: readonly { source: string; target: string }[];
}

export type OutputStream = 'stdout' | 'stderr';

export interface OutputSink {
  /** `bytes` is a view of a buffer that is used again: copy what is kept. */
  data(stream: OutputStream, bytes: Buffer): void;
  /**
   * All is read (null), or the connection broke. Called once, and not after close(). `inDoubt`: streams whose last line may
   * have had a newline that the engine's record has lost (log-record.ts).
   */
  end(failure: Error | null, inDoubt: Record<OutputStream, boolean>): void;
}

/** The record's messages, each with the time at which it was recorded; null for a terminal's. */
export interface RecordSink extends Pick<OutputSink, 'end'> {
  data(stream: OutputStream, bytes: Buffer, time: RecordTime | null): void;
}

export interface OutputReading {
  pause(): void;
  resume(): void;
  close(): void;
}

export interface ReadLogsRequest {
  containerId: string;
  tty: boolean;
  follow: boolean;
  /** Only messages of this time or later; null: from its beginning. */
  since: RecordTime | null;
}

export type ContainerFate = { known: true; exitCode: number } | { known: false };

export type EngineEvent = { type: 'container'; action: string; attemptId: string } | { type: 'images' };

export interface ExecRequest {
  containerId: string;
  command: readonly string[];
  env: readonly string[];
  workingDir: string | null;
  user: string | null;
  stdin: Buffer | null;
  timeoutMs: number;
  /** Bytes of each stream that are kept. */
  keep: number;
}

export interface ExecOutput {
  data: Buffer;
  /** Also those that were not kept. */
  bytes: number;
}

/** `exitCode` null: it was still running when the time was up. */
export interface ExecResult {
  exitCode: number | null;
  /** It goes on after that. */
  running: boolean;
  stdout: ExecOutput;
  stderr: ExecOutput;
}

/** Of a path in a container; where a link leads to. */
export interface PathStat {
  path: string;
  name: string;
  type: 'file' | 'folder' | 'link';
  size: number;
  mode: number;
  modifiedAt: string;
}

export interface FolderListing {
  entries: TarEntry[];
  /** There may be more. */
  cut: boolean;
}

export interface ArchiveUpload {
  /** Resolves once there is room for more. */
  write(bytes: Buffer): Promise<Outcome<void>>;
  /** Resolves once all is unpacked. */
  finish(): Promise<Outcome<void>>;
  /** What was unpacked by then stays. */
  abort(): void;
}

export interface VolumeSize {
  volume: string;
  /** Null: it is not on the host. */
  bytes: number | null;
}

export interface TerminalRequest {
  containerId: string;
  command: readonly string[];
  columns: number;
  rows: number;
}

export interface OpenedTerminal {
  /** Both ways. */
  stream: Duplex;
  /** Resolves at its end; null where its code is not known. */
  exit: Promise<number | null>;
  resize(columns: number, rows: number): Promise<void>;
  end(): void;
}

export interface ContainerEngine {
  /** Fails also where the engine takes requests and answers none of them for a while: one that hangs is away. */
  answers(): Promise<Outcome<void>>;
  facts(): Promise<Outcome<EngineFacts>>;
  /** Every container labelled with this host, ended ones with their end. */
  listContainers(known: ReadonlyMap<string, ObservedContainer>): Promise<Outcome<ObservedContainer[]>>;
  /** By id or name; null where there is none. */
  inspectContainer(idOrName: string): Promise<Outcome<ObservedContainer | null>>;
  /** The container of an attempt, also under a name that somebody gave it on the host; null where there is none. */
  findContainer(attemptId: string): Promise<Outcome<ObservedContainer | null>>;
  findImage(reference: string): Promise<Outcome<LocalImage | null>>;
  /** Familiar names and digests, at most 500. */
  listImages(): Promise<Outcome<string[]>>;
  pullImage(
    reference: string,
    credentials: Credentials | null,
    progress: (pull: Pull) => void,
    signal: AbortSignal,
  ): Promise<Outcome<Pull>>;
  /** With its volumes and the network of its workspace, which are made where they are missing. Idempotent: "name already in use" by the same attempt's container is success. */
  createContainer(request: CreateRequest): Promise<Outcome<ObservedContainer>>;
  /** Resolves once the engine has confirmed it: what is written from then on is delivered. */
  attach(containerId: string, tty: boolean, sink: OutputSink): Promise<Outcome<OutputReading>>;
  /** Resolves once the engine listens; `fate` resolves at the container's end, or with known: false where the connection broke. */
  awaitExit(containerId: string, condition: 'next-exit' | 'not-running'): Promise<Outcome<{ fate: Promise<ContainerFate>; close(): void }>>;
  startContainer(containerId: string): Promise<Outcome<void>>;
  /** Resolves when it has ended; ending already is success. */
  stopContainer(containerId: string, graceSeconds: number): Promise<Outcome<void>>;
  killContainer(containerId: string): Promise<Outcome<void>>;
  /** Being so already, or having ended, is success. */
  pauseContainer(containerId: string): Promise<Outcome<void>>;
  resumeContainer(containerId: string): Promise<Outcome<void>>;
  removeContainer(containerId: string): Promise<Outcome<void>>;
  /** Bytes of a container's output of which its engine keeps at least three quarters. */
  readonly recordBytes: number;
  /** The engine's own record of the output, from its beginning: what is left of it where it was rotated. */
  readLogs(request: ReadLogsRequest, sink: RecordSink): Promise<Outcome<OutputReading>>;
  /** Resolves once connected; `closed` resolves when the stream ends. Events only wake: none is a record. */
  watchEvents(listener: (event: EngineEvent) => void): Promise<Outcome<{ closed: Promise<void>; close(): void }>>;
  /** Runs a command in a running container to its end. */
  exec(request: ExecRequest): Promise<Outcome<ExecResult>>;
  openTerminal(request: TerminalRequest): Promise<Outcome<OpenedTerminal>>;
  /** What is written to it goes to the main process. It ends with the container; its own end is that of the input where the container was made for that. */
  openInput(containerId: string, tty: boolean): Promise<Outcome<Duplex>>;
  /** The terminal of the main process. */
  resizeTerminal(containerId: string, columns: number, rows: number): Promise<Outcome<void>>;
  /** As `ps` shows them on the host. Fails for a container that does not run. */
  processes(containerId: string): Promise<Outcome<{ titles: string[]; rows: string[][] }>>;
  /** Files that differ from the image. */
  changes(containerId: string): Promise<Outcome<{ path: string; kind: 'changed' | 'added' | 'deleted' }[]>>;
  /** What a running container has used since its start, where the kernel's own files cannot be seen. Costs the engine more than them. */
  counters(containerId: string): Promise<Outcome<Counters>>;
  /** Null where there is no such path. */
  statPath(containerId: string, path: string): Promise<Outcome<PathStat | null>>;
  listFolder(containerId: string, path: string): Promise<Outcome<FolderListing>>;
  /** The tar of a file or a folder. */
  readArchive(containerId: string, path: string): Promise<Outcome<Readable>>;
  /** A tar is unpacked into a folder while it comes. */
  writeArchive(containerId: string, folder: string): ArchiveUpload;
  /** Of those volumes that are this host's; one that the engine cannot measure is left out. */
  measureVolumes(volumeIds: readonly string[]): Promise<Outcome<VolumeSize[]>>;
  /** With the ended containers that had it. Refused while one that has it runs; that it is not there is success. */
  removeVolume(volumeId: string): Promise<Outcome<void>>;
  /** The tar of all that is in it. */
  readVolume(volumeId: string): Promise<Outcome<Readable>>;
  /** A tar is unpacked into it while it comes; it is made where it is not there. */
  fillVolume(volumeId: string): Promise<Outcome<ArchiveUpload>>;
  /** The engine's own JSON. */
  rawInspection(containerId: string): Promise<Outcome<Record<string, unknown>>>;
}
