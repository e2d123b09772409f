/**
 * Counters of one container from the kernel's own files: a handful of short reads, where the engine's statistics cost it a goroutine, a
 * walk over the same files and a second of waiting. Null where they cannot be seen: an agent in a container sees other processes' only
 * with the host's pid namespace, and an engine may be on another machine.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Counters, cgroupPaths, ioOfVersion1, ioOfVersion2, keyed, trafficOf } from './counters.ts';

export interface CounterReader {
  /** Throws where the container has gone. */
  read(): Counters;
}

/** `containerId`: the process is believed to be its own only where its cgroup says so, for a number may be another namespace's. */
export function openCgroup(pid: number, containerId: string, root = '/'): CounterReader | null {
  const proc = join(root, 'proc', String(pid));
  const mount = join(root, 'sys/fs/cgroup');
  try {
    const paths = cgroupPaths(readFileSync(join(proc, 'cgroup'), 'utf8'));
    const memory = paths.get('memory');
    const unified = paths.get('');
    if (memory?.includes(containerId)) return version1(mount, paths, proc);
    if (unified?.includes(containerId)) return version2(join(mount, unified), proc);
  } catch {
    // Not there, or not to be seen.
  }
  return null;
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
