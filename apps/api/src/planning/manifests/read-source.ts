/** The text of a request → what is wanted, whichever way it is written. */
import { type ApplyQuery, type ManifestError, manifestFilesSchema } from '@berth/shared/http/manifests';
import { issuesToErrors } from '../contracts/validation-errors.ts';
import { readCompose } from './compose/read-compose.ts';
import { isObject, type Read, refusal, type Wanted } from './model.ts';
import { readDocuments, type SourceDocument } from './read-documents.ts';
import { readManifests } from './read-manifests.ts';
import { normalized } from './source-names.ts';

/** The body as it came: a text, or JSON with several texts ({ "files": { "compose.yaml": "…", ".env": "…" } }). */
export type ManifestSource = string;

/** As Compose looks for its own. */
const MAIN_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const DOCKER_RUN = /^\s*(?:\$\s+|#\s+|sudo\s+)*(?:docker|podman|nerdctl)\s+(?:container\s+)?(?:run|create)\b/;

/** What is wrong is told in the order in which it stands in the text. */
export function readSource(source: ManifestSource, format: ApplyQuery['format']): Read<Wanted[]> {
  const read = readAny(source, format);
  return read.ok ? read : { ok: false, errors: read.errors.toSorted(byPlace).slice(0, MOST_ERRORS) };
}

/** Nobody mends more at once. */
const MOST_ERRORS = 100;
const byPlace = (a: ManifestError, b: ManifestError) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

function readAny(source: ManifestSource, format: ApplyQuery['format']): Read<Wanted[]> {
  const whole = { document: 1, line: 1, column: 1 };
  if (DOCKER_RUN.test(source)) {
    const message =
      'this is a docker run line: paste it into the console, which makes a manifest of it, or write it as a manifest of kind Run';
    return { ok: false, errors: [refusal('documents', message, whole)] };
  }
  const outer = readDocuments(source);
  if (!outer.ok) return outer;
  const envelope = filesOf(outer.value);
  if (!envelope) return readText(outer.value, new Map(), format);
  if (!envelope.ok) return envelope;
  const { text, files } = envelope.value;
  const inner = readDocuments(text);
  return inner.ok ? readText(inner.value, files, format) : inner;
}

function readText(documents: readonly SourceDocument[], files: ReadonlyMap<string, string>, format: ApplyQuery['format']): Read<Wanted[]> {
  const [only] = documents;
  const compose =
    format === 'compose' || (format === 'auto' && isObject(only?.value) && 'services' in only.value && !('kind' in only.value));
  if (!compose) return readManifests(documents);
  if (only && documents.length === 1) return readCompose(only, files);
  const place = documents[1]?.place([]) ?? { document: 1, line: 1, column: 1 };
  return { ok: false, errors: [refusal('documents', 'a Compose file is one document', place)] };
}

/** Null: it is no envelope of files. */
function filesOf([only, ...others]: readonly SourceDocument[]): Read<{ text: string; files: Map<string, string> }> | null {
  if (!only || others.length > 0 || !isObject(only.value) || !('files' in only.value) || 'kind' in only.value || 'services' in only.value)
    return null;
  const parsed = manifestFilesSchema.safeParse(only.value);
  if (!parsed.success) {
    const errors = issuesToErrors(parsed.error.issues, manifestFilesSchema);
    return { ok: false, errors: errors.map(({ path, message }) => refusal(path, message, only.place(path.split('.')))) };
  }
  const files = new Map(Object.entries(parsed.data.files).map(([name, text]) => [normalized(name), text]));
  const named = parsed.data.file ?? MAIN_FILES.find((name) => files.has(name)) ?? (files.size === 1 ? [...files.keys()][0] : undefined);
  const text = named === undefined ? undefined : files.get(normalized(named));
  if (text !== undefined) return { ok: true, value: { text, files }, warnings: [] };
  const message =
    named === undefined ? `say by "file" which one is applied: ${[...files.keys()].join(', ')}` : `"${named}" is not among the files`;
  return { ok: false, errors: [refusal('file', message, only.place(['file']))] };
}
