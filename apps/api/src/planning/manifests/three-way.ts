/**
 * The three-way merge of an apply, after kubectl's: what the last apply set, what is so, and what is wanted.
 * A mapping is merged field by field; a list is one value, because nobody can say which of its entries is which.
 */
import type { ManifestChange } from '@berth/shared/http/manifests';
import { isObject, type Json, type JsonObject } from './model.ts';

/** What the manifest names is as it says; what it named last time and does not any more is taken away; what others set beside it stays. */
export function mergeThreeWay(last: JsonObject | undefined, live: JsonObject, next: JsonObject): JsonObject {
  const merged: JsonObject = {};
  for (const [key, value] of Object.entries(live)) {
    const wanted = next[key];
    if (wanted === undefined) {
      const kept = withoutOwn(last?.[key], value);
      if (kept !== undefined) merged[key] = kept;
    } else merged[key] = isObject(wanted) && isObject(value) ? mergeThreeWay(objectAt(last, key), value, wanted) : wanted;
  }
  for (const [key, value] of Object.entries(next)) if (!(key in live)) merged[key] = value;
  return merged;
}

/** Without the fields that the last apply set; undefined where nothing is left. */
function withoutOwn(last: Json | undefined, live: Json): Json | undefined {
  if (last === undefined) return live;
  if (!isObject(last) || !isObject(live)) return undefined;
  const rest = Object.entries(live).flatMap(([key, value]): [string, Json][] => {
    const kept = withoutOwn(last[key], value);
    return kept === undefined ? [] : [[key, kept]];
  });
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

const objectAt = (value: JsonObject | undefined, key: string): JsonObject | undefined => {
  const found = value?.[key];
  return isObject(found) ? found : undefined;
};

/** The fields in which two differ, in the order of their names. An empty mapping is as good as none. */
export function changesBetween(from: Json | undefined, to: Json | undefined, last?: Json, path = ''): ManifestChange[] {
  if ((isObject(from) || from === undefined) && (isObject(to) || to === undefined) && (isObject(from) || isObject(to))) {
    const keys = [...new Set([...Object.keys(from ?? {}), ...Object.keys(to ?? {})])].toSorted();
    return keys.flatMap((key) =>
      changesBetween(from?.[key], to?.[key], isObject(last) ? last[key] : undefined, path === '' ? key : `${path}.${key}`),
    );
  }
  const [before, after] = [textOf(from), textOf(to)];
  if (before === after) return [];
  const foreign = last !== undefined && textOf(last) !== before;
  const conflict = foreign && `it was ${textOf(last)} when it was last applied, and has been changed since`;
  return [{ path, from: before, to: after, ...(conflict && { conflict }) }];
}

/** As JSON, the same for what is the same whatever the order of its fields. */
export function textOf(value: Json | undefined): string | null {
  if (value === undefined) return null;
  return JSON.stringify(value, (_key, part: Json) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : part,
  );
}
