/**
 * Pure: what is wanted, what is so and what was last applied → steps. The plan that a dry run shows is the one that is carried out.
 * A plan that has been carried out plans nothing the next time.
 */
import type { ApplyStep, ManifestError } from '@berth/shared/http/manifests';
import { type AppliedKind, isApplied, manifestSchemas } from '@berth/shared/model/manifest';
import type { Labels } from '@berth/shared/model/metadata';
import { issuesToErrors } from '../contracts/validation-errors.ts';
import { inOrder, keyOf } from './in-order.ts';
import { KIND_RULES, withoutHidden } from './kind-rules.ts';
import { type JsonObject, refusal, type Wanted } from './model.ts';
import { plain } from './read-manifests.ts';
import { changesBetween, mergeThreeWay, textOf } from './three-way.ts';

/** A resource as it is, in the words of a manifest. What is hidden is in it: it never leaves the plan unmasked. */
export interface Present {
  id: string;
  name: string;
  /** For the compare-and-set of its change. */
  version: string;
  labels: Labels;
  spec: JsonObject;
  /** Its end, where it is at one: "exited with 0". */
  ended?: string;
  /** No apply made it: it is taken as its own where it is as the manifest has it, and left alone where it is not. */
  foreign?: true;
}

/** What the last apply set of it. Of another resource than the one that is there now it says nothing. */
export interface LastApplied {
  resourceId: string;
  document: JsonObject;
}

export interface Situation {
  wanted: readonly Wanted[];
  /** By `keyOf`. */
  present: ReadonlyMap<string, Present>;
  applied: ReadonlyMap<string, LastApplied>;
  /** Labels of what is to be deleted where it was applied before and is not wanted any more; none: nothing is. */
  prune?: Labels;
}

export interface PlannedStep extends ApplyStep {
  kind: AppliedKind;
  /** What it is to become; absent where it is deleted. */
  desired?: { labels: Labels; spec: JsonObject };
  wanted?: Wanted;
  present?: Present;
  /** What this apply sets of it, without what is hidden. */
  own?: JsonObject;
  /** The same where that is not what was last applied: remembered once it is done. */
  remember?: JsonObject;
}

export type Plan = { ok: true; steps: PlannedStep[]; warnings: string[] } | { ok: false; errors: ManifestError[] };

export function planApply({ wanted, present, applied, prune }: Situation): Plan {
  const ordered = inOrder(wanted);
  if (!ordered.ok) return ordered;
  const errors: ManifestError[] = [];
  const steps: PlannedStep[] = [];
  for (const one of ordered.value) {
    const key = keyOf(one);
    const planned = planOne(one, present.get(key), applied.get(key));
    if (planned.ok) steps.push(planned.step);
    else errors.push(...planned.errors);
  }
  if (errors.length > 0) return { ok: false, errors };
  const { deletes, warnings } = planPrune({ wanted, present, applied, prune });
  return { ok: true, steps: [...steps, ...deletes], warnings };
}

type Planned = { ok: true; step: PlannedStep } | { ok: false; errors: ManifestError[] };

function planOne(wanted: Wanted, present: Present | undefined, applied: LastApplied | undefined): Planned {
  const { kind, name } = wanted;
  const rules = KIND_RULES[kind];
  const spec = rules.spelled(wanted.spec, present?.spec);
  const next: JsonObject = { metadata: { name, ...(wanted.labels && { labels: wanted.labels }) }, spec };
  const own: JsonObject = { metadata: { ...(wanted.labels && { labels: wanted.labels }) }, spec: withoutHidden(kind, spec) };
  const base = { kind, name, wanted, own };
  if (!present) {
    const missing = rules.needed.filter(({ field }) => spec[field] === undefined);
    if (missing.length > 0) return { ok: false, errors: missing.map(({ field, message }) => refuse(wanted, `spec.${field}`, message)) };
    const changes = masked(kind, spec, changesBetween(undefined, own));
    return { ok: true, step: { ...base, action: 'create', changes, desired: { labels: wanted.labels ?? {}, spec } } };
  }
  const live: JsonObject = { metadata: { name: present.name, labels: present.labels }, spec: present.spec };
  const last = applied?.resourceId === present.id ? applied.document : undefined;
  const merged = mergeThreeWay(last, live, next);
  const valid = validated(wanted, merged);
  if (!valid.ok) return valid;
  const changes = masked(kind, { ...present.spec, ...spec }, changesBetween(live, merged, last));
  if (present.foreign && changes.length > 0) return planOne(wanted, undefined, undefined);
  const remember = last && textOf(last) === textOf(own) ? undefined : own;
  const desired = valid.desired;
  const rest = { ...base, changes, desired, remember };
  if (changes.length === 0)
    return { ok: true, step: { ...rest, action: 'unchanged', id: present.id, present, ...unchangedWords(present) } };
  if (rules.replaced && changes.some(({ path }) => path.startsWith('spec.')))
    return { ok: true, step: { ...rest, action: 'create', present, desired: { labels: desired.labels, spec }, plan: againWords(present) } };
  return { ok: true, step: { ...rest, action: 'update', id: present.id, present } };
}

/** What others set beside the manifest can be at odds with it: then that is what is said, not what the manifest lacks. */
function validated(
  wanted: Wanted,
  merged: JsonObject,
): { ok: true; desired: { labels: Labels; spec: JsonObject } } | Extract<Planned, { ok: false }> {
  const schema = manifestSchemas[wanted.kind];
  const parsed = schema.safeParse({ kind: wanted.kind, ...merged });
  if (parsed.success) return { ok: true, desired: { labels: parsed.data.metadata.labels ?? {}, spec: plain(parsed.data.spec ?? {}) } };
  const beside = 'together with what was set beside the manifest it would not be valid';
  return {
    ok: false,
    errors: issuesToErrors(parsed.error.issues, schema).map(({ path, message }) => refuse(wanted, path, `${beside}: ${message}`)),
  };
}

const refuse = (wanted: Wanted, path: string, message: string) => refusal(wanted.pathOf(path), message, wanted.place(path));

const MASK = '"•••"';
function masked(kind: AppliedKind, spec: JsonObject, changes: ApplyStep['changes']): ApplyStep['changes'] {
  const hidden = KIND_RULES[kind].hidden(spec).map((field) => `spec.${field}`);
  return changes.map((change) => {
    if (!hidden.some((path) => change.path === path || change.path.startsWith(`${path}.`))) return change;
    return { path: change.path, from: change.from === null ? null : MASK, to: change.to === null ? null : MASK };
  });
}

const unchangedWords = ({ ended }: Present) =>
  ended === undefined ? {} : { plan: `It has run and ${ended}. It runs again once its manifest changes, or it is deleted.` };

const againWords = ({ ended }: Present) =>
  ended === undefined
    ? 'What runs cannot be changed: the present run is stopped, and a new one started.'
    : `The run before ${ended}: a new one is started.`;

function planPrune({ wanted, present, applied, prune }: Situation): { deletes: PlannedStep[]; warnings: string[] } {
  if (!prune) return { deletes: [], warnings: [] };
  const named = new Set(wanted.map(keyOf));
  const gone = [...applied].flatMap(([key, last]): PlannedStep[] => {
    const found = present.get(key);
    if (named.has(key) || found?.id !== last.resourceId || !hasLabels(found.labels, prune)) return [];
    const kind = kindOfKey(key);
    return kind ? [{ kind, name: found.name, action: 'delete', changes: [], id: found.id, present: found, plan: DELETE_WORDS }] : [];
  });
  const kept = gone.filter(({ kind }) => KIND_RULES[kind].kept);
  return {
    deletes: gone
      .filter(({ kind }) => !KIND_RULES[kind].kept)
      .toSorted((a, b) => KIND_RULES[b.kind].rank - KIND_RULES[a.kind].rank || (keyOf(a) < keyOf(b) ? -1 : 1)),
    warnings: kept.map(({ kind, name }) => `${kind} "${name}" is not in the manifest any more. It holds data: delete it yourself.`),
  };
}

const DELETE_WORDS = 'It was applied before, has the labels, and is not in the manifest any more.';
const hasLabels = (labels: Labels, wanted: Labels) => Object.entries(wanted).every(([key, value]) => labels[key] === value);
const kindOfKey = (key: string): AppliedKind | undefined => {
  const kind = key.slice(0, key.indexOf('/'));
  return isApplied(kind) ? kind : undefined;
};
