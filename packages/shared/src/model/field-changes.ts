/** The fields in which two values differ, as people name them: "env.PORT", "ports.0.hostPort". Pure. */
export interface FieldChange {
  path: string;
  /** "" where it was not there. */
  from: string;
  to: string;
}

const MOST_TEXT = 200;

export function fieldChanges(from: unknown, to: unknown, path = ''): FieldChange[] {
  if (from === to) return [];
  if (isRecord(from) && isRecord(to)) {
    return [...new Set([...Object.keys(from), ...Object.keys(to)])]
      .sort()
      .flatMap((key) => fieldChanges(from[key], to[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    return Array.from({ length: Math.max(from.length, to.length) }, (_, index) =>
      fieldChanges(from[index], to[index], path === '' ? String(index) : `${path}.${index}`),
    ).flat();
  }
  // A part that is new or gone is told by its fields.
  if (from === undefined && (isRecord(to) || Array.isArray(to))) return fieldChanges(Array.isArray(to) ? [] : {}, to, path);
  if (to === undefined && (isRecord(from) || Array.isArray(from))) return fieldChanges(from, Array.isArray(from) ? [] : {}, path);
  return [{ path, from: textOf(from), to: textOf(to) }];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(value: unknown): string {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
