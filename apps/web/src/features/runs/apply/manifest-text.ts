/** What is pasted: a manifest, a Compose file, or a docker run line, which becomes a manifest of a run. Pure. */
import { parseImageReference } from '@berth/shared/model/image-reference';
import { looksLikeDockerRun, parseDockerRun } from '../docker-run.ts';

/** Told by its first words; that it is none is told by the api. */
export function whatIsPasted(text: string): 'a Compose file' | 'a manifest' | null {
  if (/^kind\s*:/m.test(text) || /^\s*[[{][\s\S]*"kind"\s*:/.test(text)) return 'a manifest';
  if (/^services\s*:/m.test(text) || /^\s*\{[\s\S]*"services"\s*:/.test(text)) return 'a Compose file';
  return null;
}

/** What is asked of the api; `problems`: what cannot be taken of a docker run line, by name. */
export type Asked = { ok: true; text: string; notes: string[] } | { ok: false; problems: string[] };

export function askedOf(text: string): Asked {
  if (!looksLikeDockerRun(text)) return { ok: true, text, notes: [] };
  const parsed = parseDockerRun(text);
  if (!parsed.ok) return parsed;
  const { metadata, spec } = parsed.run;
  const manifest = { kind: 'Run', metadata: { name: metadata?.name ?? nameOf(spec.image), labels: metadata?.labels }, spec };
  return { ok: true, text: JSON.stringify(manifest, null, 2), notes: parsed.notes };
}

/** As a run is called that is given none: "ghcr.io/team/app:1.2" → "app". */
function nameOf(image: string): string {
  const parsed = parseImageReference(image);
  const last = parsed.ok ? parsed.image.repository.split('/').at(-1) : undefined;
  return last?.slice(0, 63).replace(/[^a-z0-9]+$/, '') || 'run';
}

const MAIN_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** Of files that are dropped together: the one that is applied. The others lie beside it. */
export function mainOf(names: readonly string[]): string | undefined {
  return names.find((name) => MAIN_FILES.includes(name)) ?? names.find((name) => /\.(?:ya?ml|json)$/.test(name)) ?? names[0];
}

/** A text with the files beside it, as one body. */
export function withFiles(text: string, beside: ReadonlyMap<string, string>): string {
  if (beside.size === 0) return text;
  const file = ['manifest.yaml', ...MAIN_FILES].find((name) => !beside.has(name)) ?? '';
  return JSON.stringify({ files: { ...Object.fromEntries(beside), [file]: text }, file });
}
