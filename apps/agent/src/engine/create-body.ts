/** A run's spec as the engine's create request. */
import { mountLabel } from '@berth/shared/model/host-policy';
import { plainPath } from '@berth/shared/model/plain-path';
import { parseCpu, parseMemory } from '@berth/shared/model/quantity';
import { engineVolumeName } from '@berth/shared/model/volume';
import { DEFAULT_NETWORK, NETWORK_LABEL, volumeLabel, workspaceNetwork } from '@berth/shared/model/workspace-network';
import type { ContainerCreateOptions } from 'dockerode';
import type { CreateRequest } from './container-engine.ts';

type Healthcheck = NonNullable<CreateRequest['spec']['healthcheck']>;

export const LABELS = {
  attempt: 'berth.attempt',
  run: 'berth.run',
  host: 'berth.host',
  workspace: 'berth.workspace',
  volume: 'berth.volume',
} as const;

/** Of the engine's record of one container's output, the newest of which is written; the older three are compressed. */
const RECORD_FILES = 4;
export const DEFAULT_RECORD_BYTES = 256 * 1024 * 1024;

/** `recordBytes`: for the engine's record of its output, before anything is compressed. */
export function createBody(
  request: CreateRequest,
  hostId: string,
  recordBytes = DEFAULT_RECORD_BYTES,
): ContainerCreateOptions & { name: string } {
  const { spec } = request;
  const memory = spec.resources?.memory === undefined ? null : parseMemory(spec.resources.memory);
  const cpu = spec.resources?.cpu === undefined ? null : parseCpu(spec.resources.cpu);
  const mounts = mountsOf(request);
  const volumes = volumesOf(request, hostId);
  const network = spec.network === 'workspace' ? workspaceNetwork(request.workspaceId) : (spec.network ?? DEFAULT_NETWORK);
  return {
    name: request.attemptId,
    Image: request.image,
    ...(spec.command ? { Entrypoint: spec.command } : {}),
    ...(spec.args ? { Cmd: spec.args } : {}),
    Env: Object.entries({ ...spec.env, ...request.secretEnv }).map(([name, value]) => `${name}=${value}`),
    ...(spec.workingDir ? { WorkingDir: spec.workingDir } : {}),
    ...(spec.user ? { User: spec.user } : {}),
    ...(spec.stopSignal ? { StopSignal: spec.stopSignal } : {}),
    ...(spec.hostname ? { Hostname: spec.hostname } : {}),
    ...(spec.healthcheck ? { Healthcheck: healthcheck(spec.healthcheck) } : {}),
    Tty: spec.tty ?? false,
    AttachStdin: spec.stdin ?? false,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: spec.stdin ?? false,
    StdinOnce: spec.stdinOnce ?? false,
    Labels: {
      [LABELS.attempt]: request.attemptId,
      [LABELS.run]: request.runId,
      [LABELS.host]: hostId,
      [LABELS.workspace]: request.workspaceId,
      [NETWORK_LABEL]: network,
      ...Object.fromEntries(mounts.filter(({ led }) => led).map(({ Target, Source }) => [mountLabel(Target), Source])),
      ...Object.fromEntries(volumes.map(({ Target, Source }) => [volumeLabel(Target), Source])),
    },
    ExposedPorts: Object.fromEntries(request.ports.map((port) => [`${port.containerPort}/${port.protocol}`, {}])),
    HostConfig: {
      LogConfig: logConfig(recordBytes),
      RestartPolicy: { Name: 'no' },
      PortBindings: portBindings(request),
      ...(memory === null ? {} : { Memory: memory, MemorySwap: memory }),
      ...(cpu === null ? {} : { NanoCpus: cpu * 1_000_000 }),
      ...(spec.resources?.pids ? { PidsLimit: spec.resources.pids } : {}),
      ...(spec.init ? { Init: true } : {}),
      ...(spec.readOnlyRootFilesystem ? { ReadonlyRootfs: true } : {}),
      ...(spec.tmpfs ? { Tmpfs: tmpfs(spec.tmpfs) } : {}),
      ...(spec.privileged ? { Privileged: true } : {}),
      ...(spec.capabilities?.add ? { CapAdd: spec.capabilities.add } : {}),
      ...(spec.capabilities?.drop ? { CapDrop: spec.capabilities.drop } : {}),
      ...(spec.network ? { NetworkMode: network } : {}),
      ...(mounts.length + volumes.length > 0 ? { Mounts: [...mounts.map(({ led: _, ...mount }) => mount), ...volumes] } : {}),
      ...(spec.extraHosts ? { ExtraHosts: Object.entries(spec.extraHosts).map(([name, address]) => `${name}:${address}`) } : {}),
    },
    ...(spec.network === 'workspace' ? { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...request.aliases] } } } } : {}),
  };
}

const logConfig = (recordBytes: number) => ({
  Type: 'local',
  Config: { 'max-size': String(Math.floor(recordBytes / RECORD_FILES)), 'max-file': String(RECORD_FILES), mode: 'blocking' },
});

/** `led`: the path leads elsewhere on this host than it says. */
function mountsOf({ spec, mountSources, secretFiles = [] }: CreateRequest) {
  const asked = (spec.mounts ?? []).map(({ source, target, readOnly }, index) => {
    const asked = plainPath(source);
    const Source = mountSources?.[index] ?? asked;
    return { Type: 'bind' as const, Source, Target: plainPath(target), ReadOnly: readOnly ?? false, led: Source !== asked };
  });
  const secrets = secretFiles.map(({ source, target }) => ({
    Type: 'bind' as const,
    Source: source,
    Target: target,
    ReadOnly: true,
    led: false,
  }));
  return [...asked, ...secrets];
}

/** The engine makes those that it does not have, with these labels. */
function volumesOf({ spec, volumes, workspaceId }: CreateRequest, hostId: string) {
  return (spec.volumes ?? []).flatMap(({ volume, target, readOnly }) => {
    const id = volumes.find(({ name }) => name === volume)?.id;
    if (id === undefined) return [];
    const Labels = { [LABELS.volume]: id, [LABELS.host]: hostId, [LABELS.workspace]: workspaceId };
    const mount = { Type: 'volume' as const, Source: engineVolumeName(id), Target: plainPath(target), ReadOnly: readOnly ?? false };
    return [{ ...mount, VolumeOptions: { NoCopy: false, Labels, DriverConfig: { Name: 'local', Options: {} } } }];
  });
}

/** Nanoseconds, as the engine counts; what is absent is as the image has it. */
function healthcheck({ disabled, command, intervalSeconds, timeoutSeconds, retries, startPeriodSeconds }: Healthcheck) {
  const nanoseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1e9);
  return {
    ...(disabled ? { Test: ['NONE'] } : command ? { Test: ['CMD', ...command] } : {}),
    Interval: nanoseconds(intervalSeconds),
    Timeout: nanoseconds(timeoutSeconds),
    Retries: retries,
    StartPeriod: nanoseconds(startPeriodSeconds),
  };
}

function tmpfs(mounts: NonNullable<CreateRequest['spec']['tmpfs']>): Record<string, string> {
  return Object.fromEntries(mounts.map(({ path, size }) => [path, size === undefined ? '' : `size=${parseMemory(size)}`]));
}

function portBindings(request: CreateRequest): Record<string, { HostPort: string }[]> {
  const bindings: Record<string, { HostPort: string }[]> = {};
  for (const port of request.ports) {
    const key = `${port.containerPort}/${port.protocol}`;
    bindings[key] ??= [];
    bindings[key].push({ HostPort: String(port.hostPort) });
  }
  return bindings;
}
