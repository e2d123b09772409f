/** Documents → what is wanted: each by the contract of its kind, with all that is wrong at once, and where. */
import type { ManifestError } from '@berth/shared/http/manifests';
import { APPLIED_KINDS, isApplied, MANIFEST_KINDS, manifestSchemas } from '@berth/shared/model/manifest';
import { issuesToErrors } from '../contracts/validation-errors.ts';
import { isObject, type Json, type JsonObject, type Read, refusal, type Wanted } from './model.ts';
import type { SourceDocument } from './read-documents.ts';

export function readManifests(documents: readonly SourceDocument[]): Read<Wanted[]> {
  const errors: ManifestError[] = [];
  const wanted: Wanted[] = [];
  documents.forEach((document, index) => {
    const read = readManifest(document, index);
    if (read.ok) wanted.push(read.value);
    else errors.push(...read.errors);
  });
  errors.push(...twice(wanted));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: wanted, warnings: [] };
}

function readManifest({ value, place }: SourceDocument, index: number): Read<Wanted> {
  const pathOf = (path: string) => (path === '' ? `documents.${index}` : `documents.${index}.${path}`);
  return parseManifest(value, { after: [], pathOf, place: (path) => place(path === '' ? [] : path.split('.')) });
}

/** By the contract of its kind. */
export function parseManifest(value: Json, around: Pick<Wanted, 'after' | 'place' | 'pathOf'>): Read<Wanted> {
  const { pathOf, place } = around;
  const refuse = (path: string, message: string): Read<Wanted> => ({ ok: false, errors: [refusal(pathOf(path), message, place(path))] });
  if (!isObject(value)) return refuse('', 'is not a manifest: write kind, metadata and spec');
  if ('apiVersion' in value)
    return refuse('apiVersion', 'is not a field here: a manifest begins with its kind. Manifests of Kubernetes are not read.');
  const { kind } = value;
  if (typeof kind !== 'string') return refuse('kind', `is required: one of ${APPLIED_KINDS.join(', ')}`);
  if (!isApplied(kind)) {
    const known = MANIFEST_KINDS.some((name) => name === kind);
    return refuse(
      'kind',
      `${known ? `a ${kind} cannot be applied yet` : `"${kind}" is no kind`}; the kinds are ${APPLIED_KINDS.join(', ')}`,
    );
  }
  const schema = manifestSchemas[kind];
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    return {
      ok: false,
      errors: issuesToErrors(parsed.error.issues, schema).map(({ path, message }) => refusal(pathOf(path), message, place(path))),
    };
  const { metadata, spec } = parsed.data;
  return { ok: true, warnings: [], value: { ...around, kind, name: metadata.name, labels: metadata.labels, spec: plain(spec ?? {}) } };
}

/** As it is stored: without what is undefined. */
export function plain(value: object): JsonObject {
  const read: Json = JSON.parse(JSON.stringify(value));
  return isObject(read) ? read : {};
}

/** One of two would win, and nobody could say which. */
export function twice(wanted: readonly Wanted[]): ManifestError[] {
  const first = new Map<string, Wanted>();
  return wanted.flatMap((one) => {
    const key = `${one.kind} "${one.name}"`;
    const before = first.get(key);
    if (!before) first.set(key, one);
    return before
      ? [
          refusal(
            one.pathOf('metadata.name'),
            `${key} is there already, on line ${before.place('metadata.name').line}`,
            one.place('metadata.name'),
          ),
        ]
      : [];
  });
}
