/**
 * What a host allows of runs beyond an ordinary container. It is written in a file on the host, by whoever runs that machine; the api is
 * told of it and asks it at admission and placement, and the agent asks the file again before it creates a container (law L8).
 * Pure: both sides judge with this code.
 */
import { z } from 'zod';
import { capabilitySchema } from './capability.ts';
import { parseImageReference } from './image-reference.ts';
import { plainPath } from './plain-path.ts';
import { cpuSchema, memorySchema, parseCpu, parseMemory } from './quantity.ts';
import { formatBytes, formatCpu } from './quantity-text.ts';
import type { RunSpec } from './run.ts';
import { inputText, reportedText } from './text.ts';

/** The policy file. What is not in it is not allowed, but for updates of the agent; an absent limit is none. */
export const policyFileSchema = z.strictObject({
  privileged: z.boolean().default(false),
  hostNetwork: z.boolean().default(false),
  /** That may be added; "ALL" for every one. */
  capabilities: z.array(capabilitySchema).default([]),
  /** Folders and files of the host, with all below them. */
  mounts: z
    .array(
      z.strictObject({
        path: inputText(4096).regex(/^\//, 'must be an absolute path'),
        /** It may be mounted for reading only. */
        readOnly: z.boolean().default(false),
      }),
    )
    .default([]),
  /** As in image references: "docker.io", "registry.example.com:5000". Absent: every one. */
  registries: z.array(inputText(255).min(1)).optional(),
  /** The most that a run may ask for; one that sets itself no limit is refused then. */
  mostCpu: cpuSchema.optional(),
  mostMemory: memorySchema.optional(),
  /** Whether the agent may be replaced from the api by another version of itself. */
  updates: z.boolean().default(true),
});

/** As an agent reports it: paths as they lead in the end, amounts as numbers. */
export const hostPolicySchema = z.object({
  privileged: z.boolean(),
  hostNetwork: z.boolean(),
  capabilities: z.array(reportedText).max(100),
  mounts: z.array(z.object({ path: reportedText, readOnly: z.boolean() })).max(500),
  registries: z.array(reportedText).max(500).nullable(),
  mostCpuMillis: z.int().nullable(),
  mostMemoryBytes: z.int().nullable(),
  updates: z.boolean().default(true),
  /** The agent's own folder, the engine's socket and its data: not to be mounted, nor what holds them, unless `mounts` names them exactly. */
  guarded: z.array(reportedText).max(100),
});
export type HostPolicy = z.infer<typeof hostPolicySchema>;

/** Where nobody wrote a policy. */
export const DEFAULT_POLICY: HostPolicy = toPolicy(policyFileSchema.parse({}), [], (path) => path);

export function toPolicy(
  { mostCpu, mostMemory, registries, mounts, ...rest }: z.output<typeof policyFileSchema>,
  guarded: readonly string[],
  resolve: (path: string) => string,
): HostPolicy {
  return {
    ...rest,
    mounts: mounts.map((mount) => ({ ...mount, path: resolve(mount.path) })),
    registries: registries ?? null,
    mostCpuMillis: mostCpu === undefined ? null : parseCpu(mostCpu),
    mostMemoryBytes: mostMemory === undefined ? null : parseMemory(mostMemory),
    guarded: guarded.map(resolve),
  };
}

/** What a run asks of its host's policy. */
export interface PolicyDemand {
  privileged: boolean;
  hostNetwork: boolean;
  capabilities: readonly string[];
  mounts: readonly { source: string; readOnly: boolean }[];
  registry: string;
  cpuMillis: number | null;
  memoryBytes: number | null;
}

type Asking = Pick<RunSpec, 'image' | 'privileged' | 'network' | 'capabilities' | 'mounts' | 'resources'>;

/** `..` and doubled slashes are taken out of mounts as a path is read, whatever is there; links are the agent's matter. */
export function policyDemandOf({ image, privileged, network, capabilities, mounts, resources }: Asking): PolicyDemand {
  const parsed = parseImageReference(image);
  return {
    privileged: privileged ?? false,
    hostNetwork: network === 'host',
    capabilities: capabilities?.add ?? [],
    mounts: (mounts ?? []).map(({ source, readOnly }) => ({ source: plainPath(source), readOnly: readOnly ?? false })),
    registry: parsed.ok ? parsed.image.registry : '',
    cpuMillis: resources?.cpu === undefined ? null : parseCpu(resources.cpu),
    memoryBytes: resources?.memory === undefined ? null : parseMemory(resources.memory),
  };
}

export interface PolicyRefusal {
  /** The field of the spec: "privileged", "mounts.0.source". */
  field: string;
  /** What is not allowed, to follow "does not allow": "privileged containers". */
  what: string;
}

/** Every container has these; to add one of them asks for nothing. */
const ORDINARY = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
);

/** Empty: it is allowed. */
export function policyRefusals(policy: HostPolicy, demand: PolicyDemand): PolicyRefusal[] {
  const refusals: PolicyRefusal[] = [];
  const refuse = (field: string, what: string) => refusals.push({ field, what });
  if (demand.privileged && !policy.privileged) refuse('privileged', 'privileged containers');
  if (demand.hostNetwork && !policy.hostNetwork) refuse('network', "a container in the host's network");
  demand.capabilities.forEach((name, index) => {
    const allowed = ORDINARY.has(name) || policy.capabilities.includes(name) || policy.capabilities.includes('ALL');
    if (!allowed) refuse(`capabilities.add.${index}`, `the capability ${name}`);
  });
  demand.mounts.forEach(({ source, readOnly }, index) => {
    const what = mountRefusal(policy, source, readOnly);
    if (what !== null) refuse(`mounts.${index}.source`, what);
  });
  const { registries, mostCpuMillis, mostMemoryBytes } = policy;
  if (registries !== null && !registries.includes(demand.registry)) refuse('image', `images from ${demand.registry}`);
  if (mostCpuMillis !== null && (demand.cpuMillis === null || demand.cpuMillis > mostCpuMillis)) {
    refuse('resources.cpu', tooMuch(demand.cpuMillis === null, `${formatCpu(mostCpuMillis)} cores`));
  }
  if (mostMemoryBytes !== null && (demand.memoryBytes === null || demand.memoryBytes > mostMemoryBytes)) {
    refuse('resources.memory', tooMuch(demand.memoryBytes === null, `${formatBytes(mostMemoryBytes)} of memory`));
  }
  return refusals;
}

const tooMuch = (unlimited: boolean, most: string): string =>
  unlimited ? `runs that set themselves no limit (${most} at most)` : `more than ${most} to a run`;

function mountRefusal({ mounts, guarded }: HostPolicy, source: string, readOnly: boolean): string | null {
  const covering = mounts.filter(({ path }) => holds(path, source));
  if (covering.length === 0) return `mounts of ${source}`;
  const exactly = new Set(mounts.map(({ path }) => path));
  const secret = guarded.find((path) => (holds(path, source) || holds(source, path)) && !exactly.has(path));
  if (secret !== undefined)
    return `mounts of ${source}, which ${secret === source ? 'is' : holds(source, secret) ? 'holds' : 'is in'} ${secret}`;
  return readOnly || covering.some((mount) => !mount.readOnly) ? null : `mounts of ${source} but for reading only`;
}

/** Whether `inner` is `outer` or lies below it. */
const holds = (outer: string, inner: string): boolean => inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`);

/** "privileged containers and the capability NET_ADMIN" */
export const policyWords = (refusals: readonly PolicyRefusal[]): string => refusals.map(({ what }) => what).join(' and ');

/** Of a mount whose source leads elsewhere on the host: the container's label with where it led when the container was made. */
export const mountLabel = (target: string): string => `berth.mount:${target}`;
