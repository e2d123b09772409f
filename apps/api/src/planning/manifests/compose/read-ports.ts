/** `ports` of a service, short and long: "8080:80", "53:53/udp", "8000-8002:9000-9002", { target: 80, published: 8080 }. */
import { isObject, type Json, type JsonObject } from '../model.ts';
import type { Path, Reading } from './reading.ts';

const SHORT = /^(?:(?:\[([0-9a-fA-F:]*)\]|(\d+(?:\.\d+){3})):)?(?:(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(\w+))?$/;

export function readPorts(reading: Reading, path: Path, value: Json): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry, index) => {
    const at = [...path, String(index)];
    return isObject(entry) ? readLong(reading, at, entry) : readShort(reading, at, String(entry));
  });
}

function readShort(reading: Reading, path: Path, text: string): JsonObject[] {
  const match = SHORT.exec(text);
  if (!match) {
    reading.refuse(path, `"${text}" is not a port: write for example 8080:80 or 53:53/udp`);
    return [];
  }
  const [, six, four, published, target = '', protocol = 'tcp'] = match;
  if (!anywhere(six ?? four)) {
    reading.refuse(path, 'a port is published on all addresses of its host: leave the address out');
    return [];
  }
  return pairs(reading, path, published, target, protocol);
}

function readLong(reading: Reading, path: Path, entry: JsonObject): JsonObject[] {
  for (const key of Object.keys(entry)) {
    if (key.startsWith('x-') || ['target', 'published', 'protocol', 'mode'].includes(key)) continue;
    if (key === 'host_ip' && anywhere(String(entry.host_ip))) continue;
    reading.refuse(
      [...path, key],
      key === 'host_ip' ? 'a port is published on all addresses of its host' : 'is not carried out: leave it out',
    );
  }
  if (entry.mode !== undefined && entry.mode !== 'host' && entry.mode !== 'ingress')
    reading.refuse([...path, 'mode'], 'must be host or ingress');
  if (entry.target === undefined) {
    reading.refuse(path, '"target" is required: the port in the container');
    return [];
  }
  const published = entry.published === undefined || entry.published === '' ? undefined : String(entry.published);
  return pairs(reading, path, published, String(entry.target), String(entry.protocol ?? 'tcp'));
}

const anywhere = (address: string | undefined) => address === undefined || ['', '0.0.0.0', '::'].includes(address);

function pairs(reading: Reading, path: Path, published: string | undefined, target: string, protocol: string): JsonObject[] {
  if (protocol !== 'tcp' && protocol !== 'udp') {
    reading.refuse(path, `the protocol "${protocol}" is not supported: tcp and udp are`);
    return [];
  }
  const inside = range(target);
  const outside = published === undefined ? null : range(published);
  if (!inside || (published !== undefined && !outside)) {
    reading.refuse(path, `"${published ?? target}" is not a port from 1 to 65535, or a range of them`);
    return [];
  }
  if (outside && outside.length !== inside.length) {
    reading.refuse(path, `the ranges ${published} and ${target} are not of one length: a choice among ports cannot be left to Berth here`);
    return [];
  }
  return inside.map((containerPort, index) => {
    const hostPort = outside?.[index];
    return { containerPort, ...(hostPort !== undefined && { hostPort }), protocol };
  });
}

function range(text: string): number[] | null {
  const [first = Number.NaN, last = first] = text.split('-').map(Number);
  if (!Number.isInteger(first) || !Number.isInteger(last) || first < 1 || last > 65535 || last < first || last - first >= 100) return null;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
