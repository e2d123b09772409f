/** The highest version among the tags of an image. Pure. */
interface Version {
  numbers: number[];
  /** What two tags must share to be of one kind: a "v" before, "-alpine" behind, and how many numbers there are. */
  kind: string;
}

/** A date or a build number is no version: "20260101". */
const HIGHEST_NUMBER = 99_999;

/** Null for a tag that is no version: "latest", "stable", "sha-1234". */
export function parseVersion(tag: string): Version | null {
  const [, prefix, digits, suffix] = /^(v?)(\d+(?:\.\d+){0,2})(-[A-Za-z][\w.-]*)?$/.exec(tag) ?? [];
  if (digits === undefined) return null;
  const numbers = digits.split('.').map(Number);
  if (numbers.some((number) => number > HIGHEST_NUMBER)) return null;
  return { numbers, kind: `${prefix}/${numbers.length}/${suffix ?? ''}` };
}

/** Null where the tag is no version, or the highest. A tag is compared only with those of its kind: "1.29-alpine" never with "1.30". */
export function newerVersion(tag: string, tags: readonly string[]): string | null {
  const own = parseVersion(tag);
  if (!own) return null;
  let highest = { tag: null as string | null, version: own };
  for (const other of tags) {
    const version = parseVersion(other);
    if (version && version.kind === own.kind && isHigher(version, highest.version)) highest = { tag: other, version };
  }
  return highest.tag;
}

function isHigher(a: Version, b: Version): boolean {
  const at = a.numbers.findIndex((number, index) => number !== b.numbers[index]);
  return at >= 0 && (a.numbers[at] ?? 0) > (b.numbers[at] ?? 0);
}
