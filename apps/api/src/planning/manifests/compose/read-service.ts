/** One service of a Compose file → the spec of its containers, and how many of them there are. Every key is taken or refused. */
import { type After, isObject, type Json, type JsonObject } from '../model.ts';
import { normalized } from '../source-names.ts';
import { readEnvFile } from './env-file.ts';
import { type Deploy, each, readDeploy } from './read-deploy.ts';
import { readMounts, readTmpfs } from './read-mounts.ts';
import { readPorts } from './read-ports.ts';
import type { Path, Reading } from './reading.ts';
import { REFUSED_KEYS } from './refused-keys.ts';
import { listOf, readCommand, readCount, readDuration, readPairs, readSize, readSwitch, readText } from './values.ts';

export interface ComposeService {
  name: string;
  path: Path;
  spec: JsonObject;
  /** Of the containers. */
  labels: Record<string, string>;
  deploy: Deploy;
  /** `no` is said, and not only the default of Compose. */
  once: boolean;
  needs: { name: string; until: After['until']; path: Path }[];
  networks: { name: string; path: Path }[];
}

export interface Around {
  /** Names of the volumes of the file, and what they are called in Berth. */
  volumes: ReadonlyMap<string, string>;
}

type Taking = (at: Path, value: Json) => void;

export function readService(reading: Reading, name: string, path: Path, value: JsonObject, around: Around): ComposeService {
  const spec: JsonObject = {};
  const service: ComposeService = { name, path, spec, labels: {}, deploy: { resources: {} }, once: false, needs: [], networks: [] };
  let entrypoint: string[] | null | undefined;
  let command: string[] | null | undefined;
  let files: Record<string, string> = {};
  let own: Record<string, string> = {};
  const put = (field: string, read: Json | undefined) => {
    if (read !== undefined) spec[field] = read;
  };
  const text =
    (field: string): Taking =>
    (at, item) =>
      put(field, readText(reading, at, item));
  const flag =
    (field: string): Taking =>
    (at, item) => {
      if (readSwitch(reading, at, item) === true) spec[field] = true;
    };
  const capabilities =
    (which: 'add' | 'drop'): Taking =>
    (_at, item) => {
      spec.capabilities = { ...(isObject(spec.capabilities) && spec.capabilities), [which]: listOf(item) };
    };
  const resource =
    (field: string, read: (r: Reading, at: Path, item: Json) => Json | undefined): Taking =>
    (at, item) => {
      const amount = read(reading, at, item);
      if (amount !== undefined) limit(at, { [field]: amount });
    };

  const limit = (at: Path, amounts: JsonObject) => {
    const { resources } = service.deploy;
    for (const [field, amount] of Object.entries(amounts)) {
      if (resources[field] !== undefined && String(resources[field]) !== String(amount))
        reading.refuse(at, `the limit of ${field} is set twice, with two amounts`);
      resources[field] = amount;
    }
  };

  const setReplicas = (at: Path, count: number | undefined) => {
    const before = service.deploy.replicas;
    if (before !== undefined && count !== undefined && before !== count)
      reading.refuse(at, 'the number of replicas is set twice: scale, and deploy.replicas');
    service.deploy.replicas = count ?? before;
  };

  const readers: Record<string, Taking> = {
    image: text('image'),
    command: (at, item) => {
      command = readCommand(reading, at, item);
    },
    entrypoint: (at, item) => {
      entrypoint = readCommand(reading, at, item);
    },
    environment: (at, item) => {
      own = readPairs(reading, at, item, (key) => reading.variables.get(key));
    },
    env_file: (at, item) => {
      files = readEnvFiles(reading, at, item);
    },
    ports: (at, item) => put('ports', readPorts(reading, at, item)),
    expose: (at) =>
      reading.warn(at, 'opens nothing by itself, as in Compose: what is to be reached from elsewhere is published with ports'),
    working_dir: text('workingDir'),
    user: text('user'),
    hostname: text('hostname'),
    init: flag('init'),
    read_only: flag('readOnlyRootFilesystem'),
    privileged: flag('privileged'),
    tty: flag('tty'),
    stdin_open: flag('stdin'),
    cap_add: capabilities('add'),
    cap_drop: capabilities('drop'),
    stop_signal: text('stopSignal'),
    stop_grace_period: (at, item) => put('stopGracePeriodSeconds', readDuration(reading, at, item)),
    tmpfs: (at, item) => addTo(spec, 'tmpfs', readTmpfs(reading, at, item)),
    volumes: (at, item) => {
      const { mounts, volumes, tmpfs } = readMounts(reading, at, item, around.volumes);
      addTo(spec, 'mounts', mounts);
      addTo(spec, 'volumes', volumes);
      addTo(spec, 'tmpfs', tmpfs);
    },
    extra_hosts: (at, item) => put('extraHosts', readHosts(reading, at, item)),
    pull_policy: (at, item) => put('pullPolicy', readPullPolicy(reading, at, item)),
    restart: (at, item) => {
      service.once = item === 'no';
      put('restart', readRestart(reading, at, item));
    },
    healthcheck: (at, item) => put('healthcheck', readHealthcheck(reading, at, item)),
    labels: (at, item) => {
      service.labels = readPairs(reading, at, item, () => '');
    },
    deploy: (at, item) => {
      const { resources, ...deploy } = readDeploy(reading, at, item);
      limit(at, resources);
      setReplicas(at, deploy.replicas);
      service.deploy = { ...service.deploy, ...deploy, replicas: service.deploy.replicas };
      if (deploy.restart) {
        service.once = deploy.restart.policy === 'never';
        spec.restart = deploy.restart;
      }
    },
    scale: (at, item) => {
      setReplicas(at, readCount(reading, at, item));
    },
    cpus: resource('cpu', readText),
    mem_limit: resource('memory', readSize),
    pids_limit: resource('pids', readCount),
    depends_on: (at, item) => {
      service.needs = readNeeds(reading, at, item);
    },
    network_mode: (at, item) => {
      if (item === 'host') spec.network = 'host';
      else if (item !== 'bridge' && item !== 'default') reading.refuse(at, `"${String(item)}" is not supported: bridge and host are`);
    },
    networks: (at, item) => {
      service.networks = readNetworks(reading, at, item);
    },
    secrets: (at) => {
      reading.refuse(at, 'secrets in a container are not supported yet; put the value into environment');
    },
  };
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, key];
    const read = readers[key];
    if (read) read(at, item);
    else if (!key.startsWith('x-')) reading.refuse(at, REFUSED_KEYS[key] ?? 'is not carried out: leave it out');
  }
  if (value.image === undefined && value.build === undefined) reading.refuse(path, '"image" is required');
  joinCommand(reading, path, spec, entrypoint, command);
  const env = { ...files, ...own };
  if (Object.keys(env).length > 0) spec.env = env;
  if (Object.keys(service.deploy.resources).length > 0) spec.resources = service.deploy.resources;
  if (service.deploy.placement) spec.placement = service.deploy.placement;
  return service;
}

const addTo = (spec: JsonObject, field: string, entries: JsonObject[]) => {
  const before = spec[field];
  if (entries.length > 0) spec[field] = [...(Array.isArray(before) ? before : []), ...entries];
};

/** An empty entrypoint drops the image's, and the command is then the whole of it, as in Docker. */
function joinCommand(
  reading: Reading,
  path: Path,
  spec: JsonObject,
  entrypoint: string[] | null | undefined,
  command: string[] | null | undefined,
): void {
  if (entrypoint && entrypoint.length > 0) spec.command = entrypoint;
  if (entrypoint?.length === 0) {
    if (command && command.length > 0) spec.command = command;
    else reading.refuse([...path, 'entrypoint'], 'is empty, and there is no command: nothing would be started');
  } else if (command) spec.args = command;
}

function readEnvFiles(reading: Reading, path: Path, value: Json): Record<string, string> {
  const env: Record<string, string> = {};
  listOf(value).forEach((entry, index) => {
    const at = Array.isArray(value) ? [...path, String(index)] : path;
    const name = isObject(entry) ? String(entry.path) : String(entry);
    if (isObject(entry) && entry.format !== undefined) reading.refuse([...at, 'format'], 'is not carried out: leave it out');
    const text = reading.files.get(normalized(name));
    if (text === undefined) {
      if (isObject(entry) && entry.required === false)
        reading.warn(at, `"${name}" is not given beside this file and not required: left out`);
      else
        reading.refuse(
          at,
          `"${name}" is a file beside this one: send both as { "files": { "compose.yaml": "…", "${name}": "…" } }, or write the variables into environment`,
        );
      return;
    }
    const read = readEnvFile(text);
    if (read.ok) Object.assign(env, Object.fromEntries(read.variables));
    else reading.refuse(at, `line ${read.line} of "${name}" ${read.message}`);
  });
  return env;
}

function readHosts(reading: Reading, path: Path, value: Json): JsonObject {
  const lines = Array.isArray(value)
    ? value.map(String)
    : Object.entries(isObject(value) ? value : {}).flatMap(([host, address]) => listOf(address).map((one) => `${host}=${String(one)}`));
  const hosts: JsonObject = {};
  for (const line of lines) {
    const at = line.search(/[:=]/);
    const host = line.slice(0, at);
    if (at < 1) reading.refuse(path, `"${line}" is not a name and its address, as in db=10.0.0.5`);
    else if (host in hosts) reading.refuse(path, `"${host}" has two addresses: one can be set`);
    else hosts[host] = line.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  }
  return hosts;
}

function readPullPolicy(reading: Reading, path: Path, value: Json): string | undefined {
  const known: Record<string, string> = { always: 'always', never: 'never', missing: 'if-not-present', if_not_present: 'if-not-present' };
  return known[String(value)] ?? reading.refuse(path, `"${String(value)}" is not supported: always, missing and never are`);
}

function readRestart(reading: Reading, path: Path, value: Json): JsonObject | undefined {
  const [policy = '', most] = String(value).split(':');
  if (policy === 'no' && most === undefined) return { policy: 'never' };
  if ((policy === 'always' || policy === 'unless-stopped') && most === undefined) return { policy: 'always' };
  if (policy === 'on-failure' && (most === undefined || /^\d+$/.test(most)))
    return { policy: 'on-failure', ...(Number(most) > 0 && { maxRetries: Number(most) }) };
  return reading.refuse(path, `"${String(value)}" is none of no, always, unless-stopped and on-failure[:number]`);
}

function readHealthcheck(reading: Reading, path: Path, value: Json): JsonObject {
  const check: JsonObject = {};
  let off = false;
  const put = (field: string, read: Json | undefined) => {
    if (read !== undefined && read !== 0) check[field] = read;
  };
  each(reading, path, value, {
    disable: (at, item) => {
      off = readSwitch(reading, at, item) === true;
    },
    test: (at, item) => {
      const words = Array.isArray(item) ? item.map(String) : ['CMD-SHELL', String(item)];
      const [form, ...rest] = words;
      if (form === 'NONE') off = true;
      else if (form === 'CMD' && rest.length > 0) check.command = rest;
      else if (form === 'CMD-SHELL' && rest.length === 1) check.command = ['/bin/sh', '-c', ...rest];
      else reading.refuse(at, 'must be a text, or a list that begins with CMD, CMD-SHELL or NONE');
    },
    interval: (at, item) => put('intervalSeconds', readDuration(reading, at, item)),
    timeout: (at, item) => put('timeoutSeconds', readDuration(reading, at, item)),
    retries: (at, item) => put('retries', readCount(reading, at, item)),
    start_period: (at, item) => put('startPeriodSeconds', readDuration(reading, at, item)),
    start_interval: (at) => {
      reading.refuse(at, 'the interval of the start period cannot be set apart; interval counts from the start');
    },
  });
  return off ? { disabled: true } : check;
}

const CONDITIONS: Readonly<Record<string, After['until']>> = {
  service_started: 'applied',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
};

function readNeeds(reading: Reading, path: Path, value: Json): ComposeService['needs'] {
  if (Array.isArray(value))
    return value.map((name, index) => ({ name: String(name), until: 'applied' as const, path: [...path, String(index)] }));
  return Object.entries(isObject(value) ? value : {}).flatMap(([name, how]) => {
    const at = [...path, name];
    let until: After['until'] = 'applied';
    each(reading, at, how, {
      condition: (_place, condition) => {
        until = CONDITIONS[String(condition)] ?? 'applied';
      },
      required: (place, required) => {
        if (required === false) reading.refuse(place, 'all services of the file are applied: what is depended on is there');
      },
      restart: (place, restart) => {
        if (readSwitch(reading, place, restart) === true) reading.refuse(place, 'a service is not started again when another one is');
      },
    });
    return [{ name, until, path: at }];
  });
}

function readNetworks(reading: Reading, path: Path, value: Json): ComposeService['networks'] {
  if (Array.isArray(value)) return value.map((name, index) => ({ name: String(name), path: [...path, String(index)] }));
  return Object.entries(isObject(value) ? value : {}).map(([name, options]) => {
    each(reading, [...path, name], options, {});
    return { name, path: [...path, name] };
  });
}
