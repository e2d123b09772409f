/** What the values of `docker run`'s flags mean for a run. Each reader returns null, or one sentence saying what is wrong. */
import { parseImageReference } from '@berth/shared/model/image-reference';
import type { CreateRun, RunSpec } from '@berth/shared/model/run';
import { readPublish } from './docker-run-ports.ts';
import { STORAGE } from './docker-run-storage.ts';

export interface Draft {
  name?: string;
  labels: Record<string, string>;
  env: Record<string, string>;
  ports: NonNullable<RunSpec['ports']>;
  /** "" resets the image's entrypoint, as Docker has it. */
  entrypoint?: string;
  cpu?: string;
  memory?: string;
  user?: string;
  workingDir?: string;
  tty?: boolean;
  interactive?: boolean;
  detached?: boolean;
  stopSignal?: string;
  stopGracePeriodSeconds?: number;
  pullPolicy?: RunSpec['pullPolicy'];
  hostname?: string;
  pids?: number;
  init?: boolean;
  readOnly?: boolean;
  privileged?: boolean;
  hostNetwork?: boolean;
  capAdd: string[];
  capDrop: string[];
  mounts: NonNullable<RunSpec['mounts']>;
  volumes: NonNullable<RunSpec['volumes']>;
  tmpfs: NonNullable<RunSpec['tmpfs']>;
  extraHosts: Record<string, string>;
  restart?: RunSpec['restart'];
  healthcheck: NonNullable<RunSpec['healthcheck']>;
  notes: string[];
}

export function emptyDraft(): Draft {
  const lists = { ports: [], tmpfs: [], capAdd: [], capDrop: [], mounts: [], volumes: [], notes: [] };
  return { labels: {}, env: {}, extraHosts: {}, healthcheck: {}, ...lists };
}

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
const LABEL_KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,251}[A-Za-z0-9])?$/;
const MIN_MEMORY_BYTES = 6 * 2 ** 20;
const FACTORS: Record<string, number> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const UNITS: Record<string, string> = { b: '', k: 'Ki', m: 'Mi', g: 'Gi', t: 'Ti' };

/** What Docker mounts one with when nothing is said. */
const TMPFS_DEFAULTS = ['rw', 'noexec', 'nosuid', 'nodev'];

/** Docker's amounts: a number with b, k, m, g or t, in powers of 1024. Null where it is none. */
function readSize(value: string): { bytes: number; quantity: string } | null {
  const match = /^(\d+(?:\.\d+)?) ?(?:([bkmgt])(?:i?b)?)?$/i.exec(value);
  if (!match) return null;
  const unit = (match[2] ?? 'b').toLowerCase();
  const bytes = Math.round(Number(match[1]) * (FACTORS[unit] ?? 1));
  return { bytes, quantity: `${unit === 'b' ? bytes : match[1]}${UNITS[unit]}` };
}

type Reader = (value: string, draft: Draft) => string | null;

const READERS = {
  ...STORAGE,
  'as-always': () => null,
  'terminal-only': () => null,
  attach: () => null,
  'add-host': (value, draft) => {
    const at = value.search(/[:=]/);
    const address = value.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
    if (at < 1 || !/^(?:host-gateway|[0-9a-fA-F:.]+)$/.test(address)) return `"${value}" is not a name and its address, as in db:10.0.0.5.`;
    draft.extraHosts[value.slice(0, at)] = address;
    return null;
  },
  'cap-add': (value, draft) => readCapability(value, draft.capAdd),
  'cap-drop': (value, draft) => readCapability(value, draft.capDrop),
  cpus: (value, draft) => {
    if (!/^\d+(?:\.\d+)?$/.test(value) || Number(value) < 0.001) return `"${value}" is not a number of cores.`;
    draft.cpu = value;
    return null;
  },
  detach: (value, draft) => {
    draft.detached = !isOffSwitch(value);
    return null;
  },
  entrypoint: (value, draft) => {
    draft.entrypoint = value;
    return null;
  },
  env: (value, draft) => {
    const equals = value.indexOf('=');
    if (equals === 0 || value === '') return `"${value}" names no variable.`;
    if (equals < 0) return `"${value}" takes its value from your own shell, which the console cannot see: write ${value}=value.`;
    draft.env[value.slice(0, equals)] = value.slice(equals + 1);
    return null;
  },
  hostname: (value, draft) => {
    draft.hostname = value;
    return null;
  },
  init: (value, draft) => {
    draft.init = !isOffSwitch(value);
    return null;
  },
  interactive: (value, draft) => {
    draft.interactive = !isOffSwitch(value);
    return null;
  },
  label: (value, draft) => {
    const equals = value.indexOf('=');
    const key = equals < 0 ? value : value.slice(0, equals);
    const text = equals < 0 ? '' : value.slice(equals + 1);
    if (!LABEL_KEY.test(key)) return `"${key}" is not a label key: letters, digits, ".", "_", "/" and "-".`;
    if (text.length > 253) return `the value of "${key}" is longer than 253 characters.`;
    draft.labels[key] = text;
    return null;
  },
  memory: (value, draft) => {
    const read = readSize(value);
    if (!read) return `"${value}" is not an amount of memory: write for example 512m or 2g.`;
    if (read.bytes < MIN_MEMORY_BYTES) return `${value} is too little: Docker needs at least 6m.`;
    draft.memory = read.quantity;
    return null;
  },
  name: (value, draft) => {
    if (!NAME.test(value)) return `"${value}" is not a name here: 1 to 63 lower-case letters, digits, "-", "_" or ".".`;
    draft.name = value;
    return null;
  },
  network: (value, draft) => {
    draft.hostNetwork = value === 'host';
    if (value === 'bridge' || value === 'default' || value === 'host') return null;
    return 'networks of your own are not supported yet; leave it out for the default one.';
  },
  privileged: (value, draft) => {
    draft.privileged = !isOffSwitch(value);
    return null;
  },
  'pids-limit': (value, draft) => {
    if (!/^-?\d+$/.test(value)) return `"${value}" is not a number of processes.`;
    // 0 and -1 are no limit.
    if (Number(value) > 0) draft.pids = Number(value);
    return null;
  },
  publish: (value, draft) => {
    const read = readPublish(value);
    if (!read.ok) return read.message;
    for (const entry of read.ports) {
      const taken = draft.ports.some((other) => other.hostPort === entry.hostPort && other.protocol === entry.protocol);
      if (entry.hostPort !== undefined && taken) return `host port ${entry.hostPort}/${entry.protocol} is named twice.`;
      draft.ports.push(entry);
    }
    return draft.ports.length > 100 ? 'more than 100 ports.' : null;
  },
  pull: (value, draft) => {
    const policy = ({ always: 'always', missing: 'if-not-present', never: 'never' } as const)[value as 'always' | 'missing' | 'never'];
    if (policy === undefined) return `"${value}" is none of always, missing and never.`;
    draft.pullPolicy = policy;
    return null;
  },
  'read-only': (value, draft) => {
    draft.readOnly = !isOffSwitch(value);
    return null;
  },
  restart: (value, draft) => {
    const [name = '', most, ...rest] = value.split(':');
    if (name === 'no' || value === '') return null;
    if (name !== 'on-failure' && most !== undefined) return 'only on-failure takes a number of restarts.';
    if (name === 'on-failure') {
      if (rest.length > 0 || (most !== undefined && !/^\d+$/.test(most)))
        return `"${value}" is not a policy: write for example on-failure:5.`;
      // Docker's 0 is no limit.
      draft.restart = { policy: 'on-failure', ...(Number(most) > 0 && { maxRetries: Number(most) }) };
      return null;
    }
    if (name !== 'always' && name !== 'unless-stopped') return `"${value}" is none of no, on-failure, always and unless-stopped.`;
    // A run that was stopped is over in any case.
    draft.restart = { policy: 'always' };
    return null;
  },
  'health-cmd': (value, draft) => {
    if (value !== '') draft.healthcheck.command = ['/bin/sh', '-c', value];
    return null;
  },
  'health-interval': (value, draft) => readHealthTime('intervalSeconds', value, draft),
  'health-timeout': (value, draft) => readHealthTime('timeoutSeconds', value, draft),
  'health-start-period': (value, draft) => readHealthTime('startPeriodSeconds', value, draft),
  'health-retries': (value, draft) => {
    if (!/^\d+$/.test(value)) return `"${value}" is not a number of failures.`;
    if (Number(value) > 0) draft.healthcheck.retries = Number(value);
    return null;
  },
  'no-healthcheck': (value, draft) => {
    if (!isOffSwitch(value)) draft.healthcheck.disabled = true;
    return null;
  },
  'stop-signal': (value, draft) => {
    if (!/^(?:SIG)?[A-Z0-9]+$/i.test(value)) return `"${value}" is not a signal.`;
    draft.stopSignal = value;
    return null;
  },
  'stop-timeout': (value, draft) => {
    if (!/^\d+$/.test(value) || Number(value) > 86_400) return `"${value}" is not a number of seconds from 0 to 86400.`;
    draft.stopGracePeriodSeconds = Number(value);
    return null;
  },
  tmpfs: (value, draft) => {
    const [path = '', ...rest] = value.split(':');
    if (!path.startsWith('/')) return `"${path}" is not an absolute path.`;
    const entry: Draft['tmpfs'][number] = { path };
    for (const option of rest.join(':').split(',').filter(Boolean)) {
      const size = option.startsWith('size=') ? readSize(option.slice(5)) : null;
      if (size) entry.size = size.quantity;
      else if (!TMPFS_DEFAULTS.includes(option)) return `the option "${option}" is not supported; only size can be set.`;
    }
    draft.tmpfs.push(entry);
    return null;
  },
  tty: (value, draft) => {
    draft.tty = !isOffSwitch(value);
    return null;
  },
  user: (value, draft) => {
    if (value === '' || value.length > 256) return 'a name or number, optionally with a group, is needed.';
    draft.user = value;
    return null;
  },
  workdir: (value, draft) => {
    if (!value.startsWith('/')) return `"${value}" is not an absolute path.`;
    draft.workingDir = value;
    return null;
  },
} as const satisfies Record<string, Reader>;
export type Meaning = keyof typeof READERS;

export function readFlag(meaning: Meaning, value: string, draft: Draft): string | null {
  const reader: Reader = READERS[meaning];
  return reader(value, draft);
}

function readCapability(value: string, into: string[]): string | null {
  if (!/^[A-Za-z][A-Za-z0-9_]{1,40}$/.test(value)) return `"${value}" is not a capability: write for example NET_ADMIN.`;
  into.push(value.toUpperCase().replace(/^CAP_/, ''));
  return null;
}

const UNIT_SECONDS: Readonly<Record<string, number | undefined>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A duration as Go writes it ("1m30s"), in whole seconds. 0 is the engine's own. */
function readHealthTime(field: 'intervalSeconds' | 'timeoutSeconds' | 'startPeriodSeconds', value: string, draft: Draft): string | null {
  if (!/^(?:0|(?:\d+(?:\.\d+)?(?:h|ms|m|s))+)$/.test(value)) return `"${value}" is not a duration: write for example 30s or 1m30s.`;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? ''] ?? 0), 0);
  if (seconds > 0) draft.healthcheck[field] = Math.max(1, Math.round(seconds));
  return null;
}

export function isOffSwitch(value: string): boolean {
  return /^(?:false|f|0)$/i.test(value);
}

/** One sentence if the image cannot be one. */
export function imageProblem(image: string): string | null {
  const parsed = parseImageReference(image);
  return parsed.ok ? null : `"${image}" is not an image: ${parsed.message}.`;
}

export function toCreateRun(draft: Draft, image: string, args: string[]): CreateRun {
  const spec: Record<string, unknown> & { image: string } = { image };
  // Docker: an empty entrypoint drops the image's, and the arguments are then the whole command.
  if (draft.entrypoint === '' && args.length > 0) spec.command = args;
  else {
    if (draft.entrypoint) spec.command = [draft.entrypoint];
    if (args.length > 0) spec.args = args;
  }
  if (Object.keys(draft.env).length > 0) spec.env = draft.env;
  if (draft.workingDir !== undefined) spec.workingDir = draft.workingDir;
  if (draft.user !== undefined) spec.user = draft.user;
  if (draft.ports.length > 0) spec.ports = draft.ports;
  const { cpu, memory, pids } = draft;
  if (cpu !== undefined || memory !== undefined || pids !== undefined) {
    spec.resources = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }), ...(pids !== undefined && { pids }) };
  }
  if (draft.hostname !== undefined) spec.hostname = draft.hostname;
  if (draft.init) spec.init = true;
  if (draft.readOnly) spec.readOnlyRootFilesystem = true;
  if (draft.privileged) spec.privileged = true;
  if (draft.hostNetwork) spec.network = 'host';
  const { capAdd, capDrop } = draft;
  if (capAdd.length + capDrop.length > 0)
    spec.capabilities = { ...(capAdd.length > 0 && { add: capAdd }), ...(capDrop.length > 0 && { drop: capDrop }) };
  if (draft.mounts.length > 0) spec.mounts = draft.mounts;
  if (draft.volumes.length > 0) spec.volumes = draft.volumes;
  if (draft.tmpfs.length > 0) spec.tmpfs = draft.tmpfs;
  if (Object.keys(draft.extraHosts).length > 0) spec.extraHosts = draft.extraHosts;
  if (draft.tty) spec.tty = true;
  if (draft.interactive) {
    spec.stdin = true;
    // As docker does it: what is piped into it has an end, unless nobody is there to pipe.
    if (!draft.tty && !draft.detached) spec.stdinOnce = true;
  }
  if (draft.stopSignal !== undefined) spec.stopSignal = draft.stopSignal;
  if (draft.stopGracePeriodSeconds !== undefined) spec.stopGracePeriodSeconds = draft.stopGracePeriodSeconds;
  if (draft.restart) spec.restart = draft.restart;
  if (Object.keys(draft.healthcheck).length > 0) spec.healthcheck = draft.healthcheck;
  if (draft.pullPolicy !== undefined) spec.pullPolicy = draft.pullPolicy;
  const labels = Object.keys(draft.labels).length > 0 ? draft.labels : undefined;
  const metadata =
    draft.name !== undefined || labels ? { ...(draft.name !== undefined && { name: draft.name }), ...(labels && { labels }) } : undefined;
  return { ...(metadata && { metadata }), spec: spec as CreateRun['spec'] };
}
