/**
 * A private Docker Engine: its own containerd, data, sockets and bridge, beside whatever else runs on the machine. Root on Linux only.
 *
 * `live-restore` keeps containers running while the engine is away; their shims are processes of their own, and the engine adopts them
 * when it starts again with the same folders.
 *
 * In a `sandbox` (tests) the engine lives in a process namespace and a mount namespace of its own: when the sandbox goes, every
 * container, shim and mount goes with it, however this process ended.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { programOrInstall } from './apt.ts';
import { type Child, type ChildOptions, startChild, which } from './child.ts';
import { succeeds } from './command.ts';
import type { EngineNetwork } from './engine-network.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { until } from './until.ts';

export interface EngineOptions {
  /** Images, containers, logs. */
  folder: string;
  /** Sockets and what describes running containers; `folder` where absent. */
  stateFolder?: string;
  network: EngineNetwork;
  /** Address of a registry that stands in for Docker Hub: "http://127.0.0.1:5000". */
  mirror?: string;
  /** One of its own, or one that is there: `destroy` takes all that is in it along. */
  sandbox?: boolean | Sandbox;
  /** False: containers end with the engine. */
  liveRestore?: boolean;
  /** It writes packet filters, as an engine does; for one whose sandbox has a network of its own. None in other sandboxes. */
  filters?: boolean;
}

export interface Engine {
  /** "unix:///…/docker.sock" */
  readonly host: string;
  readonly socket: string;
  /** Set while it runs. */
  readonly child: Child | undefined;
  /** Stops the engine; containers go on running and are adopted by the next `start`. */
  stop(): Promise<void>;
  /** The same with SIGKILL. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops everything, containers too, and removes data and bridge. Sandboxed engines only. */
  destroy(): Promise<void>;
  /** The last lines of its log. */
  log(): string;
}

/** Installs the engine where that is possible. Throws one sentence that says what to do where it is not. */
export async function provideEngine(): Promise<void> {
  const programs = await programOrInstall(['dockerd'], ['docker.io', 'iptables']);
  const missing = ['containerd', 'iptables', 'ip'].filter((name) => !which(name));
  if (programs && missing.length > 0) await programOrInstall(missing, ['docker.io', 'iptables', 'iproute2']);
  if (!programs) throw new Error('Install Docker Engine (https://docs.docker.com/engine/install/) and start it.');
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  await provideEngine();
  const { folder, network } = options;
  const state = options.stateFolder ?? folder;
  const socket = join(state, 'docker.sock');
  const containerdSocket = join(state, 'containerd.sock');
  const logFile = join(folder, 'dockerd.log');
  const containerdLog = join(folder, 'containerd.log');
  mkdirSync(folder, { recursive: true });
  mkdirSync(state, { recursive: true, mode: 0o711 });
  writeFileSync(join(folder, 'containerd.toml'), containerdConfig(folder, state, containerdSocket));
  writeFileSync(join(folder, 'docker.json'), '{}');
  await network.create();
  const sandbox = options.sandbox === true ? await startSandbox(join(folder, 'sandbox.log')) : options.sandbox || undefined;

  let containerd: Child | undefined;
  let dockerd: Child | undefined;

  const spawn = (command: string, args: string[], logFile: string) => {
    // Gracefully: an engine that was killed has to repair its networks at the next start.
    const options: ChildOptions = { command, args, logFile, deathSignal: 'SIGTERM' };
    return sandbox ? sandbox.start(options) : startChild(options);
  };

  const start = async () => {
    if (!sandbox) await endPredecessor(state);
    // What a killed engine left behind would be taken for a running one.
    for (const name of ['docker.pid', 'docker.sock', 'containerd.sock', 'containerd.sock.ttrpc']) {
      rmSync(join(state, name), { force: true });
    }
    const store = spawn('containerd', ['--config', join(folder, 'containerd.toml')], containerdLog);
    containerd = store;
    writeFileSync(join(state, PID_FILES.containerd), String(store.pid));
    await until(() => existsSync(containerdSocket), {
      failed: store.ending,
      what: 'containerd to answer',
      describe: () => store.tail(),
    });
    const pool = (await network.pool?.()) ?? null;
    const engine = spawn('dockerd', dockerdArguments(options, state, socket, containerdSocket, pool), logFile);
    dockerd = engine;
    await until(() => pingHost(`unix://${socket}`), {
      failed: engine.ending,
      what: 'Docker Engine to answer',
      timeoutMs: 60_000,
      describe: () => engine.tail(),
    });
  };

  const end = async (signal: NodeJS.Signals) => {
    // The engine before its containerd, which it would otherwise miss and complain about.
    if (dockerd) await endPart(dockerd, signal);
    if (containerd) await endPart(containerd, signal);
    dockerd = undefined;
    containerd = undefined;
    if (!sandbox) await releaseData(join(folder, 'data'));
  };

  const endPart = async (part: Child, signal: NodeJS.Signals) => {
    if (!sandbox) return void (await part.stop(signal, 20_000));
    sandbox.signal(part, signal);
    await until(() => part.exit, { what: 'the engine to stop', timeoutMs: 20_000, describe: () => part.tail() });
  };

  await start();
  return {
    host: `unix://${socket}`,
    socket,
    get child() {
      return dockerd;
    },
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async destroy() {
      if (!sandbox) throw new Error('only a sandboxed engine can be destroyed');
      // Its containers could hold the processes up; the kernel ends them with the namespace.
      await sandbox.destroy();
      await Promise.all([dockerd?.exited, containerd?.exited]);
      await network.remove();
      await until(() => removed(folder), { what: `${folder} to be released` });
    },
    log: () => dockerd?.tail(40) ?? '',
  };
}

/**
 * The engine mounts its data folder onto itself, and after a crash leaves it so: nobody could remove the folder then. While containers run,
 * their file systems are mounted below, and it stays.
 */
async function releaseData(folder: string): Promise<void> {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  if (points.includes(folder) && !points.some((point) => point.startsWith(`${folder}/`))) await succeeds('umount', [folder]);
}

function removed(folder: string): boolean {
  rmSync(folder, { recursive: true, force: true });
  return !existsSync(folder);
}

function containerdConfig(folder: string, state: string, socket: string): string {
  return [
    'version = 2',
    `root = ${JSON.stringify(join(folder, 'containerd'))}`,
    `state = ${JSON.stringify(join(state, 'containerd-state'))}`,
    // Kubernetes' plugin and the snapshotters that Docker does not use only slow the start down.
    'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]',
    '[grpc]',
    `address = ${JSON.stringify(socket)}`,
    '',
  ].join('\n');
}

function dockerdArguments(options: EngineOptions, state: string, socket: string, containerdSocket: string, pool: string | null): string[] {
  const { folder, network, mirror } = options;
  return [
    ...['--host', `unix://${socket}`],
    ...['--containerd', containerdSocket],
    ...['--data-root', join(folder, 'data')],
    ...['--exec-root', join(state, 'exec')],
    ...['--pidfile', join(state, PID_FILES.dockerd)],
    ...['--bridge', network.bridge],
    ...(pool === null ? [] : ['--default-address-pool', `base=${pool},size=24`]),
    // /etc/docker/daemon.json belongs to the machine's own engine.
    ...['--config-file', join(folder, 'docker.json')],
    ...(options.liveRestore === false ? [] : ['--live-restore']),
    ...(options.sandbox && !options.filters ? ['--iptables=false', '--ip-masq=false'] : []),
    ...(mirror ? ['--registry-mirror', mirror] : []),
  ];
}

const PID_FILES = { dockerd: 'docker.pid', containerd: 'containerd.pid' } as const;

/** A launcher that was killed leaves an engine that is still stopping; two of them on one folder would destroy it. */
async function endPredecessor(state: string): Promise<void> {
  for (const [name, file] of Object.entries(PID_FILES)) {
    const path = join(state, file);
    const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
    const runs = () => existsSync(`/proc/${pid}/comm`) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name;
    if (!pid || !runs()) continue;
    process.kill(pid, 'SIGTERM');
    await until(() => !runs(), { what: `${name} of the start before to end`, timeoutMs: 30_000 });
  }
}

/** Resolves to true when an engine answers at "unix:///…" or "tcp://…"; rejects when nothing does. */
export function pingHost(host: string): Promise<boolean> {
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  const target = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port || 2375 };
  return new Promise((resolve, reject) => {
    const question = request({ ...target, path: '/_ping', timeout: 5_000 }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    question.once('timeout', () => question.destroy(new Error(`${host} does not answer`)));
    question.once('error', reject);
    question.end();
  });
}
