/** What is particular to a kind when it is applied. A mapped type: a kind without its rules does not compile. */
import type { AppliedKind } from '@berth/shared/model/manifest';
import { canonicalServer } from '@berth/shared/model/registry';
import { isObject, type JsonObject } from './model.ts';
import { textOf } from './three-way.ts';

export interface KindRules {
  /** Those with a lower one are made before the others, and deleted after them. */
  rank: 0 | 1;
  /** What it is cannot be changed: another spec is another one, and the one before is stopped. */
  replaced: boolean;
  /** It holds data that nobody has elsewhere: no apply deletes it. */
  kept: boolean;
  /** Fields of the spec that are not read back: masked in changes, not remembered, and kept where a manifest does not name them. */
  hidden: (spec: JsonObject) => readonly string[];
  /** Fields that must be there when there is none by its name yet. */
  needed: readonly { field: string; message: string }[];
  /** As it is stored, where that is another spelling, or where what was left open has been decided since. */
  spelled: (spec: JsonObject, live?: JsonObject) => JsonObject;
}

export const KIND_RULES: { [K in AppliedKind]: KindRules } = {
  Volume: { rank: 0, replaced: false, kept: true, hidden: () => [], needed: [], spelled: (spec) => spec },
  Registry: {
    rank: 0,
    replaced: false,
    kept: false,
    hidden: () => ['password'],
    needed: [{ field: 'password', message: 'is required: there are no credentials by this name yet' }],
    spelled: (spec) => (typeof spec.server === 'string' ? { ...spec, server: canonicalServer(spec.server) } : spec),
  },
  Service: { rank: 1, replaced: false, kept: false, hidden: () => [], needed: [], spelled: (spec) => spec },
  Schedule: { rank: 1, replaced: false, kept: false, hidden: () => [], needed: [], spelled: (spec) => spec },
  Run: { rank: 1, replaced: true, kept: false, hidden: () => [], needed: [], spelled: withDecidedVersions },
};

/** A run keeps the versions of its secrets that were the latest when it was made: one that its manifest does not name is no difference. */
function withDecidedVersions(spec: JsonObject, live?: JsonObject): JsonObject {
  const decided = live?.secrets;
  if (!Array.isArray(spec.secrets) || !Array.isArray(decided)) return spec;
  const secrets = spec.secrets.map((use, index) => {
    const before = decided[index];
    if (!isObject(use) || !isObject(before) || use.version !== undefined || before.version === undefined) return use;
    const { version, ...rest } = before;
    return textOf(rest) === textOf(use) ? { ...use, version } : use;
  });
  return { ...spec, secrets };
}

export function withoutHidden(kind: AppliedKind, spec: JsonObject): JsonObject {
  const hidden = KIND_RULES[kind].hidden(spec);
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !hidden.includes(field)));
}
