/** PURE. What the kernel counts of a container, from the text of its files (cgroup versions 1 and 2, /proc/net/dev). */
import type { Sample } from '@berth/shared/model/sample';

/** Counters only grow, from the start of the container on; memory and pids are as they are now. */
export interface Counters {
  /** Milliseconds of a clock that only goes forward. */
  at: number;
  cpuNanoseconds: number;
  memoryBytes: number;
  receivedBytes: number;
  sentBytes: number;
  readBytes: number;
  writtenBytes: number;
  pids: number;
}

/** A line "name value" of a flat keyed file; 0 where there is none. */
export function keyed(text: string, name: string): number {
  const at = text.startsWith(`${name} `) ? 0 : text.indexOf(`\n${name} `) + 1;
  return at === 0 && !text.startsWith(`${name} `) ? 0 : Number.parseInt(text.slice(at + name.length + 1), 10) || 0;
}

/** `io.stat` of version 2: "8:0 rbytes=1 wbytes=2 rios=…". */
export function ioOfVersion2(text: string): { readBytes: number; writtenBytes: number } {
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))].reduce((total, match) => total + Number(match[1]), 0);
  return { readBytes: sum('rbytes'), writtenBytes: sum('wbytes') };
}

/** `blkio.throttle.io_service_bytes` of version 1: "8:0 Read 1". */
export function ioOfVersion1(text: string): { readBytes: number; writtenBytes: number } {
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^\\S+ ${name} (\\d+)$`, 'gm'))].reduce((total, match) => total + Number(match[1]), 0);
  return { readBytes: sum('Read'), writtenBytes: sum('Write') };
}

/** /proc/<pid>/net/dev: all devices but the loopback. */
export function trafficOf(text: string): { receivedBytes: number; sentBytes: number } {
  let receivedBytes = 0;
  let sentBytes = 0;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    if (name === '' || name === 'lo') continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    receivedBytes += Number(fields[0]) || 0;
    sentBytes += Number(fields[8]) || 0;
  }
  return { receivedBytes, sentBytes };
}

/** Where a process's cgroups are: its path by controller of version 1, '' for version 2. From /proc/<pid>/cgroup. */
export function cgroupPaths(text: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (controllers !== undefined) for (const controller of controllers.split(',')) paths.set(controller, path.join(':'));
  }
  return paths;
}

/** Null where they are too close to one another to say anything. A counter that went back began anew. */
export function sampleBetween(before: Counters, now: Counters, at: Date): Sample | null {
  const seconds = (now.at - before.at) / 1000;
  if (seconds < 0.1) return null;
  const rate = (name: keyof Counters) => {
    const grown = now[name] - before[name];
    return Math.max(0, grown < 0 ? now[name] : grown) / seconds;
  };
  return {
    at: at.toISOString(),
    cpuMillis: Math.round(rate('cpuNanoseconds') / 1e6),
    memoryBytes: Math.max(0, now.memoryBytes),
    receivedBytes: Math.round(rate('receivedBytes')),
    sentBytes: Math.round(rate('sentBytes')),
    readBytes: Math.round(rate('readBytes')),
    writtenBytes: Math.round(rate('writtenBytes')),
    pids: now.pids,
  };
}
