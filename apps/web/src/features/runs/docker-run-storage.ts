/** What `docker run -v` and `--mount` mean for a run: a folder of the host, or a volume of the workspace. */
import type { Draft } from './docker-run-values.ts';

const VOLUME_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

interface Storage {
  source: string;
  target: string;
  readOnly: boolean;
}

/** One that begins with "/" is a folder of the host. */
function add({ source, target, readOnly }: Storage, draft: Draft): string | null {
  if (!target.startsWith('/')) return `"${target}" is not an absolute path.`;
  if ([...draft.mounts, ...draft.volumes].some((other) => other.target === target)) return `${target} is named twice.`;
  const rest = { target, ...(readOnly && { readOnly: true }) };
  if (source.startsWith('/')) draft.mounts.push({ source, ...rest });
  else if (VOLUME_NAME.test(source)) draft.volumes.push({ volume: source, ...rest });
  else return `"${source}" is neither an absolute path nor the name of a volume: those are lower-case letters, digits, "-", "_" and ".".`;
  return null;
}

const NAMELESS = 'a volume needs a name here, as in data:/data: one without is lost with its container anyway.';
const SOURCES = ['source', 'src'];
const TARGETS = ['target', 'destination', 'dst'];
const READ_ONLY = ['readonly', 'ro'];

export const STORAGE = {
  volume: (value: string, draft: Draft): string | null => {
    const [source = '', target, mode, ...rest] = value.split(':');
    if (target === undefined) return NAMELESS;
    const options = (mode ?? '').split(',').filter(Boolean);
    const unknown = options.find((option) => option !== 'ro' && option !== 'rw');
    if (unknown !== undefined || rest.length > 0) return `the option "${unknown ?? rest[0]}" is not supported; only ro and rw are.`;
    return add({ source, target, readOnly: options.includes('ro') }, draft);
  },
  mount: (value: string, draft: Draft): string | null => {
    const fields = new Map<string, string>();
    for (const part of value.split(',').filter(Boolean)) {
      const equals = part.indexOf('=');
      fields.set(equals < 0 ? part : part.slice(0, equals), equals < 0 ? 'true' : part.slice(equals + 1));
    }
    const known = ['type', ...SOURCES, ...TARGETS, ...READ_ONLY];
    const unknown = [...fields.keys()].find((name) => !known.includes(name));
    if (unknown !== undefined) return `the option "${unknown}" is not supported; only type, source, target and readonly are.`;
    const first = (names: readonly string[]) => names.map((name) => fields.get(name)).find((text) => text !== undefined);
    const type = fields.get('type') ?? 'volume';
    const [source, target, readOnly] = [first(SOURCES), first(TARGETS), first(READ_ONLY)];
    if (type === 'tmpfs') return 'write a file system in memory as --tmpfs /path.';
    if (type !== 'volume' && type !== 'bind') return `the type "${type}" is not supported; volume and bind are.`;
    if (target === undefined) return 'the target is missing: write target=/path.';
    if (source === undefined) return type === 'bind' ? 'the source is missing: write source=/path.' : NAMELESS;
    if (type === 'bind' && !source.startsWith('/')) return `"${source}" is not an absolute path.`;
    if (type === 'volume' && source.startsWith('/')) return `"${source}" is not the name of a volume.`;
    return add({ source, target, readOnly: readOnly !== undefined && !/^(?:false|0)$/i.test(readOnly) }, draft);
  },
};
