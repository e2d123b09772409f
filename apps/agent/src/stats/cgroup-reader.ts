/**
 * Counters of one container from the kernel's own files: a handful of short reads, where the engine's statistics cost it a goroutine, a
 * walk over the same files and a second of waiting. Null where they cannot be seen: an engine may be on another machine, and an agent in a
 * container may see neither its processes nor its cgroups.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Counters, cgroupPaths, ioOfVersion1, ioOfVersion2, keyed, trafficOf } from './counters.ts';

export interface CounterReader {
  /** Throws where the container has gone. */
  read(): Counters;
}

/** What the engine's two drivers call the cgroup of a container (cgroupfs, systemd), below the engine's own. */
const NAMES = [(id: string) => `docker/${id}`, (id: string) => `system.slice/docker-${id}.scope`];

/**
 * `pid`: as the engine numbers it. It is believed to be the container's only where its cgroup says so, for a number may be another namespace's;
 * then the cgroup is looked for by its name, which says how the process is numbered here.
 */
export function openCgroup(pid: number, containerId: string, root = '/'): CounterReader | null {
  const procOf = (number: number) => join(root, 'proc', String(number));
  const ways: [Ways, number | null][] = [
    [() => cgroupPaths(text(join(procOf(pid), 'cgroup'))), pid],
    ...NAMES.flatMap((name): [Ways, null][] => [
      [() => new Map(VERSION_1.map((controller) => [controller, name(containerId)])), null],
      [() => new Map([['', name(containerId)]]), null],
    ]),
  ];
  const mount = join(root, 'sys/fs/cgroup');
  for (const [way, number] of ways) {
    try {
      const paths = way();
      const memory = paths.get('memory');
      const isOld = memory?.includes(containerId) === true;
      if (!isOld && !paths.get('')?.includes(containerId)) continue;
      const folder = join(mount, isOld ? 'memory' : '', (isOld ? memory : paths.get('')) ?? '');
      const proc = procOf(number ?? firstIn(join(folder, 'cgroup.procs')));
      const reader = isOld ? version1(mount, paths, proc) : version2(folder, proc);
      if (reader) return reader;
    } catch {
      // Not there, or not to be seen.
    }
  }
  return null;
}

type Ways = () => Map<string, string>;
const VERSION_1 = ['cpuacct', 'memory', 'blkio', 'pids'];

/** Throws where there is none, or none that can be seen from here. */
function firstIn(file: string): number {
  const pid = number(file);
  if (pid === 0) throw new Error(`${file} names no process`);
  return pid;
}

const text = (path: string) => readFileSync(path, 'utf8');
const number = (path: string) => Number.parseInt(text(path), 10) || 0;

function version2(folder: string, proc: string): CounterReader | null {
  if (!existsSync(join(folder, 'memory.current'))) return null;
  return {
    read: () => ({
      at: performance.now(),
      cpuNanoseconds: keyed(text(join(folder, 'cpu.stat')), 'usage_usec') * 1000,
      memoryBytes: number(join(folder, 'memory.current')) - keyed(text(join(folder, 'memory.stat')), 'inactive_file'),
      ...trafficOf(text(join(proc, 'net/dev'))),
      ...ioOfVersion2(text(join(folder, 'io.stat'))),
      pids: number(join(folder, 'pids.current')),
    }),
  };
}

function version1(mount: string, paths: Map<string, string>, proc: string): CounterReader | null {
  const folder = (controller: string) => join(mount, controller, paths.get(controller) ?? '');
  const [cpu, memory, io, pids] = ['cpuacct', 'memory', 'blkio', 'pids'].map(folder) as [string, string, string, string];
  if (!existsSync(join(memory, 'memory.usage_in_bytes')) || !existsSync(join(cpu, 'cpuacct.usage'))) return null;
  const ioFile = join(io, 'blkio.throttle.io_service_bytes');
  const pidsFile = join(pids, 'pids.current');
  const [hasIo, hasPids] = [existsSync(ioFile), existsSync(pidsFile)];
  return {
    read: () => ({
      at: performance.now(),
      cpuNanoseconds: number(join(cpu, 'cpuacct.usage')),
      memoryBytes: number(join(memory, 'memory.usage_in_bytes')) - keyed(text(join(memory, 'memory.stat')), 'total_inactive_file'),
      ...trafficOf(text(join(proc, 'net/dev'))),
      ...(hasIo ? ioOfVersion1(text(ioFile)) : { readBytes: 0, writtenBytes: 0 }),
      pids: hasPids ? number(pidsFile) : 0,
    }),
  };
}
