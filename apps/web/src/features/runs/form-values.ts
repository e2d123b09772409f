/** The form's fields and the request, each from the other. Pure. Empty fields ask for nothing. */
import type { CreateRun, RunSpec } from '@berth/shared/model/run';
import { joinWords, splitWords } from '../../lib/shell-words.ts';
import { fromPlacement, NO_PLACEMENT, type PlacementValues, placementFieldOf, toPlacement } from './placement-values.ts';
import { fromSecrets, type SecretRows, secretFieldOf, toSecrets } from './secret-values.ts';

export interface Pair {
  name: string;
  value: string;
}
export interface PortRow {
  containerPort: string;
  hostPort: string;
  protocol: 'tcp' | 'udp';
}
export interface FormValues extends PlacementValues, SecretRows {
  image: string;
  name: string;
  /** Words, as a shell splits them. */
  command: string;
  args: string;
  env: Pair[];
  labels: Pair[];
  ports: PortRow[];
  workingDir: string;
  user: string;
  cpu: string;
  memory: string;
  pids: string;
  hostname: string;
  /** Path and size. */
  tmpfs: Pair[];
  extraHosts: Pair[];
  init: boolean;
  readOnlyRootFilesystem: boolean;
  privileged: boolean;
  hostNetwork: boolean;
  workspaceNetwork: boolean;
  /** Words. */
  capAdd: string;
  capDrop: string;
  /** A path of the host; one in the container, with ":ro" for reading only. */
  mounts: Pair[];
  /** The name of a volume; a path in the container, with ":ro" for reading only. */
  volumes: Pair[];
  tty: boolean;
  stdin: boolean;
  stdinOnce: boolean;
  stopSignal: string;
  stopGracePeriodSeconds: string;
  timeoutSeconds: string;
  ttlSecondsAfterFinished: string;
  pullPolicy: '' | NonNullable<RunSpec['pullPolicy']>;
  /** `never` is said only where something else would be so by itself: in a service. */
  restartPolicy: '' | 'never' | 'on-failure' | 'always';
  maxRetries: string;
  /** `fence`: replaced, and its agent stops it in time where it is cut off. `wait` as with `never`. */
  onHostLost: '' | 'wait' | 'replace' | 'fence';
  hostLostAfterSeconds: string;
  /** Words, as a shell splits them. */
  healthCommand: string;
  healthInterval: string;
  healthTimeout: string;
  healthRetries: string;
  healthStartPeriod: string;
  healthDisabled: boolean;
}

export const EMPTY: FormValues = {
  image: '',
  name: '',
  command: '',
  args: '',
  env: [],
  secrets: [],
  labels: [],
  ports: [],
  workingDir: '',
  user: '',
  cpu: '',
  memory: '',
  pids: '',
  hostname: '',
  tmpfs: [],
  extraHosts: [],
  init: false,
  readOnlyRootFilesystem: false,
  privileged: false,
  hostNetwork: false,
  workspaceNetwork: false,
  capAdd: '',
  capDrop: '',
  mounts: [],
  volumes: [],
  tty: false,
  stdin: false,
  stdinOnce: false,
  stopSignal: '',
  stopGracePeriodSeconds: '',
  timeoutSeconds: '',
  ttlSecondsAfterFinished: '',
  pullPolicy: '',
  restartPolicy: '',
  maxRetries: '',
  onHostLost: '',
  hostLostAfterSeconds: '',
  healthCommand: '',
  healthInterval: '',
  healthTimeout: '',
  healthRetries: '',
  healthStartPeriod: '',
  healthDisabled: false,
  ...NO_PLACEMENT,
};

/** What a form writes the template of: some of what a run has stands elsewhere there, or is of no meaning. */
export type TemplateOf = 'run' | 'service' | 'schedule';

/** The name of a field as react-hook-form has it: "image", "ports.0.hostPort". */
export interface FieldError {
  field: string;
  message: string;
}

/** A number where the text is one; what is not stays as it is, for the contract to refuse at its place. */
export function number(text: string): number {
  return (/^-?\d+$/.test(text.trim()) ? Number(text) : text) as number;
}

/** `errors` holds only what cannot be written as a request at all; the contract judges the rest. */
export function toRequest(values: FormValues): { request: CreateRun; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const words = (field: 'command' | 'args' | 'healthCommand'): string[] | undefined => {
    if (values[field].trim() === '') return undefined;
    const split = splitWords(values[field]);
    if (split.ok) return split.words;
    errors.push({ field, message: split.message });
    return undefined;
  };
  const map = (field: 'env' | 'labels' | 'extraHosts'): Record<string, string> | undefined => {
    const entries: Record<string, string> = {};
    values[field].forEach((pair, index) => {
      if (pair.name === '' && pair.value === '') return;
      if (pair.name === '') errors.push({ field: `${field}.${index}.name`, message: 'needs a name' });
      else if (Object.hasOwn(entries, pair.name)) errors.push({ field: `${field}.${index}.name`, message: 'is there twice' });
      entries[pair.name] = pair.value;
    });
    return Object.keys(entries).length > 0 ? entries : undefined;
  };
  const text = (value: string) => (value.trim() === '' ? undefined : value.trim());
  const ports = values.ports
    .filter((row) => row.containerPort !== '' || row.hostPort !== '')
    .map(({ containerPort, hostPort, protocol }) => ({
      containerPort: number(containerPort),
      ...(hostPort.trim() !== '' && { hostPort: number(hostPort) }),
      protocol,
    }));
  const cpu = text(values.cpu);
  const memory = text(values.memory);
  const pids = values.pids.trim() === '' ? undefined : number(values.pids);
  const tmpfs = values.tmpfs.filter(isFilled).map(({ name, value }) => defined({ path: name.trim(), size: text(value) }));
  const mounts = values.mounts.filter(isFilled).map(({ name, value }) => ({ source: name.trim(), ...targetOf(value) }));
  const volumes = values.volumes.filter(isFilled).map(({ name, value }) => ({ volume: name.trim(), ...targetOf(value) }));
  const capabilities = defined({ add: names(values.capAdd), drop: names(values.capDrop) });
  const count = (value: string) => (value.trim() === '' ? undefined : number(value));
  const healthcheck = defined({
    disabled: values.healthDisabled ? (true as const) : undefined,
    command: words('healthCommand'),
    intervalSeconds: count(values.healthInterval),
    timeoutSeconds: count(values.healthTimeout),
    retries: count(values.healthRetries),
    startPeriodSeconds: count(values.healthStartPeriod),
  });
  const spec: RunSpec = {
    image: values.image.trim(),
    ...defined({
      command: words('command'),
      args: words('args'),
      env: map('env'),
      secrets: toSecrets(values.secrets, number),
      workingDir: text(values.workingDir),
      user: text(values.user),
      ports: ports.length > 0 ? ports : undefined,
      resources: cpu || memory || pids ? defined({ cpu, memory, pids }) : undefined,
      hostname: text(values.hostname),
      init: values.init || undefined,
      readOnlyRootFilesystem: values.readOnlyRootFilesystem || undefined,
      tmpfs: tmpfs.length > 0 ? tmpfs : undefined,
      extraHosts: map('extraHosts') as RunSpec['extraHosts'],
      privileged: values.privileged || undefined,
      network: values.hostNetwork ? ('host' as const) : values.workspaceNetwork ? ('workspace' as const) : undefined,
      capabilities: Object.keys(capabilities).length > 0 ? capabilities : undefined,
      mounts: mounts.length > 0 ? mounts : undefined,
      volumes: volumes.length > 0 ? volumes : undefined,
      tty: values.tty || undefined,
      stdin: values.stdin || undefined,
      stdinOnce: values.stdinOnce || undefined,
      stopSignal: text(values.stopSignal) as RunSpec['stopSignal'],
      stopGracePeriodSeconds: values.stopGracePeriodSeconds.trim() === '' ? undefined : number(values.stopGracePeriodSeconds),
      timeoutSeconds: values.timeoutSeconds.trim() === '' ? undefined : number(values.timeoutSeconds),
      ttlSecondsAfterFinished: values.ttlSecondsAfterFinished.trim() === '' ? undefined : number(values.ttlSecondsAfterFinished),
      pullPolicy: values.pullPolicy || undefined,
      restart: values.restartPolicy === '' ? undefined : defined({ policy: values.restartPolicy, maxRetries: count(values.maxRetries) }),
      onHostLost: values.onHostLost === '' ? undefined : values.onHostLost === 'wait' ? 'wait' : 'replace',
      selfFence: values.onHostLost === 'fence' || undefined,
      hostLostAfterSeconds: count(values.hostLostAfterSeconds),
      healthcheck: Object.keys(healthcheck).length > 0 ? healthcheck : undefined,
      ...toPlacement(values, number),
    }),
  };
  const metadata = defined({ name: text(values.name), labels: map('labels') });
  return { request: Object.keys(metadata).length > 0 ? { metadata, spec } : { spec }, errors };
}

/** "/data:ro" */
const targetOf = (value: string) =>
  defined({ target: value.trim().replace(/:(?:ro|rw)$/, ''), readOnly: /:ro$/.test(value.trim()) || undefined });

const isFilled = ({ name, value }: Pair) => name !== '' || value !== '';

/** Separated by white space or commas; none where there is none. */
function names(text: string): string[] | undefined {
  const all = text.split(/[\s,]+/).filter((name) => name !== '');
  return all.length > 0 ? all : undefined;
}

/** Without what asks for nothing. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

export function fromRequest({ metadata, spec }: CreateRun): FormValues {
  const pairs = (map: Record<string, string> | undefined): Pair[] => Object.entries(map ?? {}).map(([name, value]) => ({ name, value }));
  const text = (value: string | number | undefined) => (value === undefined ? '' : String(value));
  return {
    image: spec.image,
    name: metadata?.name ?? '',
    command: joinWords(spec.command ?? []),
    args: joinWords(spec.args ?? []),
    env: pairs(spec.env),
    secrets: fromSecrets(spec),
    labels: pairs(metadata?.labels),
    ports: (spec.ports ?? []).map((port) => ({
      containerPort: text(port.containerPort),
      hostPort: text(port.hostPort),
      protocol: port.protocol,
    })),
    workingDir: text(spec.workingDir),
    user: text(spec.user),
    cpu: text(spec.resources?.cpu),
    memory: text(spec.resources?.memory),
    pids: text(spec.resources?.pids),
    hostname: text(spec.hostname),
    tmpfs: (spec.tmpfs ?? []).map(({ path, size }) => ({ name: path, value: text(size) })),
    extraHosts: pairs(spec.extraHosts),
    init: spec.init ?? false,
    readOnlyRootFilesystem: spec.readOnlyRootFilesystem ?? false,
    privileged: spec.privileged ?? false,
    hostNetwork: spec.network === 'host',
    workspaceNetwork: spec.network === 'workspace',
    capAdd: (spec.capabilities?.add ?? []).join(' '),
    capDrop: (spec.capabilities?.drop ?? []).join(' '),
    mounts: (spec.mounts ?? []).map(({ source, target, readOnly }) => ({ name: source, value: readOnly ? `${target}:ro` : target })),
    volumes: (spec.volumes ?? []).map(({ volume, target, readOnly }) => ({ name: volume, value: readOnly ? `${target}:ro` : target })),
    tty: spec.tty ?? false,
    stdin: spec.stdin ?? false,
    stdinOnce: spec.stdinOnce ?? false,
    stopSignal: text(spec.stopSignal),
    stopGracePeriodSeconds: text(spec.stopGracePeriodSeconds),
    timeoutSeconds: text(spec.timeoutSeconds),
    ttlSecondsAfterFinished: text(spec.ttlSecondsAfterFinished),
    pullPolicy: spec.pullPolicy ?? '',
    restartPolicy: spec.restart === undefined || spec.restart.policy === 'never' ? '' : spec.restart.policy,
    maxRetries: text(spec.restart?.maxRetries),
    onHostLost: spec.onHostLost !== 'replace' ? '' : spec.selfFence ? 'fence' : 'replace',
    hostLostAfterSeconds: text(spec.hostLostAfterSeconds),
    healthCommand: joinWords(spec.healthcheck?.command ?? []),
    healthInterval: text(spec.healthcheck?.intervalSeconds),
    healthTimeout: text(spec.healthcheck?.timeoutSeconds),
    healthRetries: text(spec.healthcheck?.retries),
    healthStartPeriod: text(spec.healthcheck?.startPeriodSeconds),
    healthDisabled: spec.healthcheck?.disabled ?? false,
    ...fromPlacement(spec),
  };
}

const HEALTH_FIELDS: Readonly<Record<string, string | undefined>> = {
  command: 'healthCommand',
  intervalSeconds: 'healthInterval',
  timeoutSeconds: 'healthTimeout',
  retries: 'healthRetries',
  startPeriodSeconds: 'healthStartPeriod',
  disabled: 'healthDisabled',
};

/** The field behind a path of the contract ("spec.env.FOO"); null where no field stands for it. */
export function fieldOf(path: string, values: FormValues): string | null {
  const [head, ...rest] = path.replace(/^(?:spec|metadata)\./, '').split('.');
  const second = rest[0];
  switch (head) {
    case 'env':
    case 'labels':
    case 'extraHosts': {
      // A name may hold dots itself.
      const index = values[head].findIndex((pair) => pair.name === rest.join('.'));
      return index < 0 ? null : `${head}.${index}.value`;
    }
    case 'ports': {
      if (second === undefined) return null;
      // Empty rows are not sent, so places in the request and on the screen may differ.
      const sent = values.ports.flatMap((row, index) => (row.containerPort !== '' || row.hostPort !== '' ? [index] : []));
      const index = sent[Number(second)];
      return index === undefined ? null : `ports.${index}.${rest[1] ?? 'hostPort'}`;
    }
    case 'tmpfs': {
      if (second === undefined) return null;
      const sent = values.tmpfs.flatMap((pair, index) => (isFilled(pair) ? [index] : []));
      const index = sent[Number(second)];
      return index === undefined ? null : `tmpfs.${index}.${rest[1] === 'size' ? 'value' : 'name'}`;
    }
    case 'mounts':
    case 'volumes': {
      if (second === undefined) return null;
      const sent = values[head].flatMap((pair, index) => (isFilled(pair) ? [index] : []));
      const index = sent[Number(second)];
      return index === undefined ? null : `${head}.${index}.${rest[1] === 'source' || rest[1] === 'volume' ? 'name' : 'value'}`;
    }
    case 'capabilities':
      return second === 'drop' ? 'capDrop' : 'capAdd';
    case 'network':
      return 'hostNetwork';
    case 'resources':
      return second === 'cpu' || second === 'memory' || second === 'pids' ? second : null;
    case 'restart':
      return second === 'maxRetries' ? 'maxRetries' : 'restartPolicy';
    case 'healthcheck':
      return HEALTH_FIELDS[second ?? ''] ?? 'healthCommand';
    case 'secrets':
      return secretFieldOf(rest, values);
    case 'placement':
    case 'concurrency':
      return placementFieldOf(rest, values);
    case undefined:
      return null;
    default:
      return head in EMPTY ? head : null;
  }
}
