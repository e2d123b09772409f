/**
 * Pure: what was asked of a container beside what the engine has. What the image or the engine chose because nothing was asked is no drift;
 * what stands against something that was asked is, and so is what nobody but a person on the host could have set.
 */
import type { ContainerSetting } from '../http/container-settings.ts';
import { type EngineJson, engineJsonSchema } from './engine-json.ts';
import { mountLabel } from './host-policy.ts';
import { plainPath } from './plain-path.ts';
import { parseCpu, parseMemory } from './quantity-text.ts';
import type { Attempt, Run } from './run.ts';
import { SECRET_MASK } from './secret.ts';
import { type SecretUse, secretWords } from './secret-use.ts';
import { DEFAULT_NETWORK, NETWORK_LABEL, volumeLabel } from './workspace-network.ts';

type Section = ContainerSetting['section'];
type Text = string | null | undefined;
type Asked = Pick<Run, 'spec'> & { attempt: Pick<Attempt, 'id' | 'ports' | 'restarts'>; runId: string; digest: string | null };

export function compareContainer(asked: Asked, engine: Record<string, unknown>): ContainerSetting[] {
  const has = engineJsonSchema.parse(engine);
  return [
    ...container(asked, has),
    ...processSettings(asked, has),
    ...limits(asked, has),
    ...network(asked, has),
    ...storage(asked, has),
    ...environment(asked, has),
    ...labels(asked, has),
  ];
}

/** Of something that was asked another value is drift; of what was not asked, every value is the image's or the engine's. */
function chosen(section: Section, name: string, asked: Text, has: Text): ContainerSetting[] {
  if (!asked && !has) return [];
  return [{ section, name, asked: asked || null, has: has || null, drift: Boolean(asked) && (has || null) !== asked }];
}

/** Nobody but Berth sets it: a value that was not asked for is drift too. */
function kept(section: Section, name: string, asked: Text, has: Text): ContainerSetting[] {
  if (!asked && !has) return [];
  return [{ section, name, asked: asked || null, has: has || null, drift: (asked || null) !== (has || null) }];
}

function container({ spec, attempt, digest }: Asked, { Id, Name, Image, State, RestartCount, HostConfig }: EngineJson): ContainerSetting[] {
  const policy = HostConfig?.RestartPolicy?.Name;
  return [
    ...kept('container', 'name', attempt.id, Name?.replace(/^\//, '')),
    ...told('container', 'id', Id),
    { section: 'container', name: 'image', asked: spec.image, has: digest ?? Image ?? null, drift: false },
    ...told('container', 'image id', Image),
    ...told('container', 'state', State?.Status),
    ...told('container', 'restarts by Berth', attempt.restarts === 0 ? null : String(attempt.restarts)),
    // Berth starts it again by itself; an engine that does so too was told to by somebody else.
    ...kept('container', "the engine's restart policy", null, policy === 'no' ? null : policy),
    ...kept('container', 'restarts by the engine', null, RestartCount ? String(RestartCount) : null),
  ];
}

const told = (section: Section, name: string, has: Text): ContainerSetting[] =>
  has ? [{ section, name, asked: null, has, drift: false }] : [];

function processSettings({ spec }: Asked, { Config, HostConfig }: EngineJson): ContainerSetting[] {
  return [
    ...chosen('process', 'entrypoint', list(spec.command), list(Config?.Entrypoint)),
    ...chosen('process', 'arguments', list(spec.args), list(Config?.Cmd)),
    ...chosen('process', 'working directory', spec.workingDir, Config?.WorkingDir),
    ...chosen('process', 'user', spec.user, Config?.User),
    ...chosen('process', 'stop signal', spec.stopSignal, Config?.StopSignal),
    ...kept('process', 'terminal', yes(spec.tty), yes(Config?.Tty)),
    ...kept('process', 'standard input', input(spec.stdin, spec.stdinOnce), input(Config?.OpenStdin, Config?.StdinOnce)),
    ...kept('process', 'init process', yes(spec.init), yes(HostConfig?.Init)),
    ...kept('process', 'privileged', yes(spec.privileged), yes(HostConfig?.Privileged)),
    ...kept('process', 'more capabilities', capabilities(spec.capabilities?.add), capabilities(HostConfig?.CapAdd)),
    ...kept('process', 'fewer capabilities', capabilities(spec.capabilities?.drop), capabilities(HostConfig?.CapDrop)),
    ...health(spec.healthcheck, Config?.Healthcheck),
  ];
}

/** Engines differ in their order and in "CAP_" before them. */
const capabilities = (names: readonly string[] | null | undefined) =>
  list([...new Set(names?.map((name) => name.replace(/^CAP_/, '')))].sort());

function health(asked: Run['spec']['healthcheck'], has: NonNullable<EngineJson['Config']>['Healthcheck']): ContainerSetting[] {
  const test = has?.Test;
  const command = asked?.disabled ? list(['NONE']) : list(asked?.command && ['CMD', ...asked.command]);
  const seconds = (value: number | null | undefined) => (value ? `${value / 1e9} s` : null);
  const askedSeconds = (value: number | undefined) => (value ? `${value} s` : null);
  return [
    ...chosen('process', 'health check', command, list(test)),
    ...chosen('process', 'health check every', askedSeconds(asked?.intervalSeconds), seconds(has?.Interval)),
    ...chosen('process', 'health check time-out', askedSeconds(asked?.timeoutSeconds), seconds(has?.Timeout)),
    ...chosen('process', 'health check start period', askedSeconds(asked?.startPeriodSeconds), seconds(has?.StartPeriod)),
    ...chosen('process', 'health check retries', asked?.retries ? String(asked.retries) : null, has?.Retries ? String(has.Retries) : null),
  ];
}

function limits({ spec: { resources } }: Asked, { HostConfig }: EngineJson): ContainerSetting[] {
  const cpu = resources?.cpu === undefined ? null : parseCpu(resources.cpu);
  const memory = resources?.memory === undefined ? null : parseMemory(resources.memory);
  const { NanoCpus, Memory, MemorySwap, PidsLimit, CpuQuota, CpuShares, CpusetCpus } = HostConfig ?? {};
  const positive = (value: number | null | undefined) => (value && value > 0 ? String(value) : null);
  return [
    ...kept('limits', 'CPU', cpu === null ? null : `${cpu / 1000}`, NanoCpus ? `${NanoCpus / 1e9}` : null),
    ...kept('limits', 'memory', memory === null ? null : bytesText(memory), Memory ? bytesText(Memory) : null),
    // Asked to be as much as the memory, which leaves no swap; an engine without swap accounting has none of it.
    ...(memory !== null && MemorySwap && MemorySwap !== memory
      ? kept('limits', 'memory and swap', bytesText(memory), MemorySwap < 0 ? 'unlimited' : bytesText(MemorySwap))
      : []),
    ...kept('limits', 'processes', positive(resources?.pids), positive(PidsLimit)),
    ...kept('limits', 'CPU quota', null, positive(CpuQuota)),
    ...kept('limits', 'CPU shares', null, positive(CpuShares)),
    ...kept('limits', 'CPU set', null, CpusetCpus),
  ];
}

function network({ spec, attempt }: Asked, { Id, Config, HostConfig, NetworkSettings, State }: EngineJson): ContainerSetting[] {
  const networks = NetworkSettings?.Networks ?? {};
  // Ports are open only while it runs; before and after, the engine has what it would open.
  const open = State?.Running ? NetworkSettings?.Ports : HostConfig?.PortBindings;
  const published = new Map<string, string>();
  for (const [inside, outside] of Object.entries(open ?? {})) {
    const ports = [...new Set((outside ?? []).flatMap(({ HostPort }) => (HostPort ? [HostPort] : [])))];
    if (ports.length > 0) published.set(inside, ports.sort().join(', '));
  }
  const wanted = new Map<string, string[]>();
  for (const { containerPort, hostPort, protocol } of attempt.ports) {
    const inside = `${containerPort}/${protocol}`;
    wanted.set(inside, [...(wanted.get(inside) ?? []), String(hostPort)]);
  }
  const wantedNetwork = Config?.Labels?.[NETWORK_LABEL] ?? spec.network ?? DEFAULT_NETWORK;
  // Engines add the beginning of its id.
  const names = (networks[wantedNetwork]?.Aliases ?? []).filter((name) => !Id?.startsWith(name) && name !== Config?.Hostname);
  const connected = [...new Set([wantedNetwork, ...Object.keys(networks)])];
  return [
    ...chosen('network', 'host name', spec.hostname, Config?.Hostname),
    ...connected.map((name): ContainerSetting => {
      const joined = networks[name];
      const addresses = [joined?.IPAddress, joined?.GlobalIPv6Address].filter(Boolean).join(', ');
      const asked = name === wantedNetwork ? 'connected' : null;
      const has = joined ? addresses || 'connected' : null;
      return { section: 'network', name: `network ${name}`, asked, has, drift: (asked === null) !== (has === null) };
    }),
    ...told('network', 'found there as', [...new Set(names)].join(', ')),
    ...[...new Set([...wanted.keys(), ...published.keys()])].flatMap((inside) =>
      kept('network', `port ${inside}`, wanted.get(inside)?.sort().join(', '), published.get(inside)),
    ),
    ...pairs('network', 'address of ', spec.extraHosts ?? {}, hostsOf(HostConfig?.ExtraHosts), kept),
  ];
}

function storage({ spec, attempt }: Asked, { Config, HostConfig, Mounts }: EngineJson): ContainerSetting[] {
  const sizes = Object.fromEntries((spec.tmpfs ?? []).map(({ path, size }) => [path, size === undefined ? null : parseMemory(size)]));
  const asked = Object.fromEntries(Object.entries(sizes).map(([path, size]) => [path, size === null ? 'any size' : bytesText(size)]));
  const has = Object.fromEntries(
    Object.entries(HostConfig?.Tmpfs ?? {}).map(([path, options]) => {
      const size = /(?:^|,)size=(\d+)/.exec(options)?.[1];
      return [path, size === undefined ? options || 'any size' : bytesText(Number(size))];
    }),
  );
  const targets = [...(spec.mounts ?? []), ...(spec.volumes ?? [])].map(({ target }) => plainPath(target));
  return [
    ...kept(
      'storage',
      'root file system',
      spec.readOnlyRootFilesystem ? 'read-only' : null,
      HostConfig?.ReadonlyRootfs ? 'read-only' : null,
    ),
    ...pairs('storage', 'in memory ', asked, has, kept),
    ...pairs('storage', '', mountsAsked(spec.mounts), mountsFound(spec.mounts, Mounts, Config?.Labels), kept),
    ...secretFiles(spec.secrets, attempt.id, Mounts),
    ...pairs('storage', '', volumesAsked(spec.volumes), volumesFound(spec.volumes, Mounts, Config?.Labels), kept),
    ...(Mounts ?? [])
      .filter(({ Destination }) => !(Destination in has) && !targets.includes(Destination))
      .filter(({ Destination }) => !(spec.secrets ?? []).some(({ file }) => file === Destination))
      .map(({ Type, Name, Source, Destination, RW }): ContainerSetting => {
        const from = `${Type ?? 'mount'} ${Name || Source || ''}`.trim();
        // The volumes that an image declares are made by the engine.
        const declared = Type === 'volume' && Object.keys(Config?.Volumes ?? {}).includes(Destination);
        return { section: 'storage', name: Destination, asked: null, has: RW === false ? `${from}, read-only` : from, drift: !declared };
      }),
  ];
}

/** Each is bound from the folder that the agent keeps for the attempt, by its place in the spec. */
function secretFiles(uses: readonly SecretUse[] | undefined, attemptId: string, found: EngineJson['Mounts']): ContainerSetting[] {
  return (uses ?? []).flatMap((use, index): ContainerSetting[] => {
    if (use.file === undefined) return [];
    const mount = (found ?? []).find(({ Destination }) => Destination === use.file);
    const asked = secretText(use);
    const isOwn = mount?.Type === 'bind' && mount.RW === false && mount.Source?.endsWith(`/${attemptId}/${index}`);
    const has = mount === undefined ? null : isOwn ? asked : `${mount.Type ?? 'mount'} ${mount.Source ?? ''}`.trim();
    return [{ section: 'storage', name: use.file, asked, has, drift: has !== asked }];
  });
}

const secretText = (use: SecretUse) => `secret ${secretWords(use)}`;

type Mounts = Run['spec']['mounts'];

const mountText = (source: string, readOnly: boolean | undefined) => `host ${source}${readOnly ? ', read-only' : ''}`;

const mountsAsked = (mounts: Mounts): Record<string, string> =>
  Object.fromEntries((mounts ?? []).map(({ source, target, readOnly }) => [plainPath(target), mountText(plainPath(source), readOnly)]));

function mountsFound(
  asked: Mounts,
  found: EngineJson['Mounts'],
  labels: Record<string, string> | null | undefined,
): Record<string, string> {
  const entries = (asked ?? []).flatMap(({ source, target }) => {
    const mount = (found ?? []).find(({ Destination }) => Destination === plainPath(target));
    if (!mount) return [];
    const led = labels?.[mountLabel(plainPath(target))];
    const from = mount.Source === (led ?? plainPath(source)) ? plainPath(source) : (mount.Source ?? '');
    return [[plainPath(target), mount.Type === 'bind' ? mountText(from, mount.RW === false) : `${mount.Type} ${from}`] as const];
  });
  return Object.fromEntries(entries);
}

type Volumes = Run['spec']['volumes'];

const volumeText = (name: string, readOnly: boolean | undefined) => `volume ${name}${readOnly ? ', read-only' : ''}`;

const volumesAsked = (volumes: Volumes): Record<string, string> =>
  Object.fromEntries((volumes ?? []).map(({ volume, target, readOnly }) => [plainPath(target), volumeText(volume, readOnly)]));

/** Which of the engine's volumes is the one of that name, its agent has written on the container. */
function volumesFound(
  asked: Volumes,
  found: EngineJson['Mounts'],
  labels: Record<string, string> | null | undefined,
): Record<string, string> {
  const entries = (asked ?? []).flatMap(({ volume, target }) => {
    const mount = (found ?? []).find(({ Destination }) => Destination === plainPath(target));
    if (!mount) return [];
    const name = mount.Type === 'volume' && mount.Name === labels?.[volumeLabel(plainPath(target))] ? volume : null;
    const text = name === null ? `${mount.Type} ${mount.Name || mount.Source || ''}` : volumeText(name, mount.RW === false);
    return [[plainPath(target), text] as const];
  });
  return Object.fromEntries(entries);
}

function environment({ spec }: Asked, { Config }: EngineJson): ContainerSetting[] {
  const has = Object.fromEntries((Config?.Env ?? []).map((line) => splitAt(line, line.indexOf('='))));
  const asked = spec.env ?? {};
  const secrets = new Map((spec.secrets ?? []).flatMap((use) => (use.env === undefined ? [] : [[use.env, secretText(use)] as const])));
  return [...new Set([...Object.keys(asked), ...secrets.keys(), ...Object.keys(has)])].map((name) => {
    const [wanted, found] = [own(asked, name), own(has, name)];
    const secret = secrets.get(name);
    // Its agent has masked it, and says where it is another value than the secret's.
    if (secret !== undefined)
      return { section: 'environment', name, asked: secret, has: found === SECRET_MASK ? secret : found, drift: found !== SECRET_MASK };
    return { section: 'environment', name, asked: wanted, has: found, drift: wanted !== null && wanted !== found };
  });
}

function labels({ attempt, runId }: Asked, { Config }: EngineJson): ContainerSetting[] {
  return pairs('labels', '', { 'berth.attempt': attempt.id, 'berth.run': runId }, Config?.Labels ?? {}, chosen);
}

type Compared = typeof chosen;
function pairs(section: Section, prefix: string, asked: Record<string, string>, has: Record<string, string>, compared: Compared) {
  const names = [...new Set([...Object.keys(asked), ...Object.keys(has)])];
  return names.flatMap((name) => compared(section, `${prefix}${name}`, own(asked, name), own(has, name)));
}

/** Names are the container's own: "constructor" is one, too. */
const own = (values: Record<string, string>, name: string): string | null => (Object.hasOwn(values, name) ? (values[name] ?? null) : null);

const hostsOf = (lines: readonly string[] | null | undefined): Record<string, string> =>
  Object.fromEntries((lines ?? []).map((line) => splitAt(line, line.indexOf(':'))));

const splitAt = (line: string, at: number): [string, string] => (at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]);

const yes = (flag: boolean | null | undefined) => (flag ? 'yes' : null);

const input = (open: boolean | null | undefined, once: boolean | null | undefined) =>
  open ? (once ? 'open until it is ended' : 'open') : null;

/** Words as JSON where one of them is empty or has white space: `["sh","-c","echo a b"]` and `sh -c` are told apart. */
function list(words: readonly string[] | null | undefined): string | null {
  if (!words || words.length === 0) return null;
  return words.some((word) => word === '' || /[\s"]/.test(word)) ? JSON.stringify(words) : words.join(' ');
}

const UNITS = [
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

function bytesText(bytes: number): string {
  const [unit, size] = UNITS.find(([, each]) => bytes % each === 0) ?? ['', 1];
  return `${bytes / size}${unit}`;
}
