/** Resources as manifests: what can be given to an apply again, in the order in which fields are read. */
import type { AppliedKind } from '@berth/shared/model/manifest';
import { stringify } from 'yaml';
import { withoutHidden } from './kind-rules.ts';
import type { JsonObject } from './model.ts';
import type { Present } from './plan-apply.ts';

/** Without what is hidden: an apply of it keeps that as it is. */
export function manifestOf(kind: AppliedKind, { name, labels, spec }: Present): JsonObject {
  return {
    kind,
    metadata: { name, ...(Object.keys(labels).length > 0 && { labels }) },
    spec: withoutHidden(kind, spec),
  };
}

/** Several documents with "---" between. Written without aliases, and with quotes where another reader of YAML 1.1 would see no text. */
export function toYaml(manifests: readonly JsonObject[]): string {
  return manifests.map((manifest) => stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0, version: '1.1' })).join('---\n');
}
