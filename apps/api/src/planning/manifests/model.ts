/** Words that reading a manifest and planning its apply share. */
import type { ManifestError } from '@berth/shared/http/manifests';
import type { AppliedKind, ManifestKind } from '@berth/shared/model/manifest';
import type { Labels } from '@berth/shared/model/metadata';

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Where something stands in the text, all counted from 1. */
export interface Place {
  document: number;
  line: number;
  column: number;
}

/** What must be so before a step is begun: `depends_on` of a Compose file. */
export interface After {
  kind: ManifestKind;
  name: string;
  until: 'applied' | 'healthy' | 'completed';
}

/** A document, valid by the contract of its kind. */
export interface Wanted {
  kind: AppliedKind;
  name: string;
  labels?: Labels;
  spec: JsonObject;
  after: After[];
  /** Of a path of it ("spec.replicas"); of the whole where that is not in the text. */
  place: (path: string) => Place;
  /** How a path of it is called in the text that was given: "documents.0.spec.replicas", "services.web.deploy.replicas". */
  pathOf: (path: string) => string;
}

/** Never empty. */
export type Refusals = ManifestError[];
export type Read<T> = { ok: true; value: T; warnings: string[] } | { ok: false; errors: Refusals };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A problem with the place where it is: its line is said in the message, too, for those who see only that. */
export function refusal(path: string, message: string, place: Place): ManifestError {
  return { path, message: `line ${place.line}: ${message}`, ...place };
}
