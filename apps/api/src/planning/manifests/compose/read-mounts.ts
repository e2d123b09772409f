/** `volumes` and `tmpfs` of a service: folders of the host, named volumes, file systems in memory. */
import { isObject, type Json, type JsonObject } from '../model.ts';
import type { Path, Reading } from './reading.ts';
import { listOf, readSize, readSwitch } from './values.ts';

export interface Mounts {
  mounts: JsonObject[];
  volumes: JsonObject[];
  tmpfs: JsonObject[];
}

/** `named`: the volumes that the file declares, with the names that they have in Berth. */
export function readMounts(reading: Reading, path: Path, value: Json, named: ReadonlyMap<string, string>): Mounts {
  const into: Mounts = { mounts: [], volumes: [], tmpfs: [] };
  listOf(value).forEach((entry, index) => {
    const at = [...path, String(index)];
    if (isObject(entry)) readLong(reading, at, entry, named, into);
    else readShort(reading, at, String(entry), named, into);
  });
  return into;
}

function readShort(reading: Reading, path: Path, text: string, named: ReadonlyMap<string, string>, into: Mounts): void {
  const [source = '', target, mode, ...rest] = text.split(':');
  if (target === undefined) {
    reading.refuse(path, `"${text}" is a volume without a name, which nobody could find again: write name:${source}`);
    return;
  }
  const options = (mode ?? '').split(',').filter(Boolean);
  const unknown = rest[0] ?? options.find((option) => !['ro', 'rw'].includes(option));
  if (unknown !== undefined) reading.refuse(path, `the option "${unknown}" is not supported; only ro and rw are`);
  else add(reading, path, source, target, options.includes('ro'), named, into);
}

const LONG_KEYS = ['type', 'source', 'target', 'read_only', 'bind', 'volume', 'tmpfs'];

function readLong(reading: Reading, path: Path, entry: JsonObject, named: ReadonlyMap<string, string>, into: Mounts): void {
  for (const key of Object.keys(entry))
    if (!LONG_KEYS.includes(key) && !key.startsWith('x-')) reading.refuse([...path, key], 'is not carried out: leave it out');
  const readOnly = entry.read_only === undefined ? false : (readSwitch(reading, [...path, 'read_only'], entry.read_only) ?? false);
  const target = typeof entry.target === 'string' ? entry.target : undefined;
  if (target === undefined) {
    reading.refuse(path, '"target" is required: the path in the container');
    return;
  }
  refuseOptions(reading, path, entry, 'bind', ['create_host_path']);
  refuseOptions(reading, path, entry, 'volume', []);
  refuseOptions(reading, path, entry, 'tmpfs', ['size']);
  if (entry.type === 'tmpfs') {
    const size =
      isObject(entry.tmpfs) && entry.tmpfs.size !== undefined ? readSize(reading, [...path, 'tmpfs', 'size'], entry.tmpfs.size) : undefined;
    if (readOnly) reading.refuse([...path, 'read_only'], 'a file system in memory that cannot be written to holds nothing');
    into.tmpfs.push({ path: target, ...(size !== undefined && { size }) });
  } else if (entry.type === 'bind' || entry.type === 'volume') {
    if (typeof entry.source !== 'string') reading.refuse(path, '"source" is required: a volume without a name could not be found again');
    else if (entry.type === 'bind' && !entry.source.startsWith('/')) refuseRelative(reading, path, entry.source);
    else add(reading, path, entry.source, target, readOnly, named, into);
  } else reading.refuse([...path, 'type'], `"${String(entry.type)}" is not supported: bind, volume and tmpfs are`);
}

function refuseOptions(reading: Reading, path: Path, entry: JsonObject, group: string, taken: readonly string[]): void {
  const options = entry[group];
  if (!isObject(options)) return;
  for (const [key, value] of Object.entries(options)) {
    if (key.startsWith('x-') || (taken.includes(key) && !(key === 'create_host_path' && value === true))) continue;
    const reason = key === 'create_host_path' ? 'a folder of the host must be there: none is made' : 'is not carried out: leave it out';
    reading.refuse([...path, group, key], reason);
  }
}

function refuseRelative(reading: Reading, path: Path, source: string): void {
  reading.refuse(
    path,
    `"${source}" is beside the file on your machine, and the container is elsewhere: name an absolute path of the host, or a volume`,
  );
}

function add(
  reading: Reading,
  path: Path,
  source: string,
  target: string,
  readOnly: boolean,
  named: ReadonlyMap<string, string>,
  into: Mounts,
): void {
  const rest = { target, ...(readOnly && { readOnly: true }) };
  if (source.startsWith('/')) into.mounts.push({ source, ...rest });
  else if (/^[.~]/.test(source)) refuseRelative(reading, path, source);
  else {
    const volume = named.get(source);
    if (volume === undefined) reading.refuse(path, `there is no volume "${source}" under the volumes of the file`);
    else into.volumes.push({ volume, ...rest });
  }
}

/** What Docker mounts one with when nothing is said. */
const TMPFS_DEFAULTS = ['rw', 'noexec', 'nosuid', 'nodev'];

export function readTmpfs(reading: Reading, path: Path, value: Json): JsonObject[] {
  return listOf(value).map((entry, index) => {
    const [target = '', ...rest] = String(entry).split(':');
    let size: string | undefined;
    for (const option of rest.join(':').split(',').filter(Boolean)) {
      if (option.startsWith('size=')) size = readSize(reading, [...path, String(index)], option.slice('size='.length));
      else if (!TMPFS_DEFAULTS.includes(option))
        reading.refuse([...path, String(index)], `the option "${option}" is not supported; only size is`);
    }
    return { path: target, ...(size !== undefined && { size }) };
  });
}
