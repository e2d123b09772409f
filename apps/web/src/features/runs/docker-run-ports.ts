/** The value of `-p`: `[ip:][host[-host]:]container[-container][/protocol]` (docker/go-connections, nat.ParsePortSpec). */
import type { RunSpec } from '@berth/shared/model/run';

type Ports = NonNullable<RunSpec['ports']>;
export type ReadPorts = { ok: true; ports: Ports } | { ok: false; message: string };

const EVERY_ADDRESS = ['0.0.0.0', '[::]', '::', ''];

/** Never throws; `message` is one sentence. */
export function readPublish(text: string): ReadPorts {
  const bad = (message: string): ReadPorts => ({ ok: false, message });
  const [place = '', protocolText = 'tcp', ...more] = text.split('/');
  const protocol = protocolText.toLowerCase();
  if (more.length > 0 || (protocol !== 'tcp' && protocol !== 'udp')) return bad(`"${text}" has another protocol than tcp and udp.`);

  const match = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([^:]*):)?([^:]*)$/.exec(place);
  if (!match) return bad(`"${text}" is not [host port:]container port.`);
  const [, address = '', hostText = '', containerText = ''] = match;
  if (!EVERY_ADDRESS.includes(address)) {
    return bad(`an address to bind to (${address}) cannot be chosen yet: the port is published on the host as a whole.`);
  }
  const container = readRange(containerText);
  if (!container) return bad(`"${containerText}" is not a port or a range of ports.`);
  const containers = span(container);
  if (hostText === '') return { ok: true, ports: containers.map((containerPort) => ({ containerPort, protocol })) };

  const host = readRange(hostText);
  if (!host) return bad(`"${hostText}" is not a port or a range of ports.`);
  const hosts = span(host);
  if (hosts.length !== containers.length) {
    return bad(`the ranges ${hostText} and ${containerText} differ in length; leave the host port out to have a free one chosen.`);
  }
  return { ok: true, ports: containers.map((containerPort, index) => ({ containerPort, hostPort: hosts[index], protocol })) };
}

interface Range {
  first: number;
  last: number;
}

function readRange(text: string): Range | null {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return null;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first >= 1 && last <= 65_535 && first <= last && last - first < 1000 ? { first, last } : null;
}

function span({ first, last }: Range): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
