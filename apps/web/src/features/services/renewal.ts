/** What the newest versions of its secrets would change in a service. Pure. */
import type { Secret } from '@berth/shared/model/secret';
import type { SecretUse } from '@berth/shared/model/secret-use';
import type { ServicePlan, ServiceTemplate } from '@berth/shared/model/service';

/** By the name of a secret, the number of its newest version. */
type Newest = ReadonlyMap<string, number>;

export const newestOf = (secrets: readonly Secret[]): Newest =>
  new Map(secrets.map(({ metadata, status }) => [metadata.name, status.version]));

/** Null: there is something to renew. */
export function reasonAgainstRenewal({ spec: { secrets = [] } }: ServiceTemplate): string | null {
  if (secrets.length === 0) return 'Its template has no secrets.';
  return secrets.some(({ version }) => version === undefined) ? null : 'Its template names the versions of all of its secrets.';
}

/** The template as a renewal rolls it out. What names a version keeps it, and what is not known is left to the api. */
export function renewed(template: ServiceTemplate, newest: Newest): ServiceTemplate {
  const secrets = template.spec.secrets?.map((use) => ({ ...use, version: use.version ?? newest.get(use.secret) }));
  return { ...template, spec: { ...template.spec, secrets } };
}

/** Each secret that gets another version than it has in `present`, the template of the revision that is asked for now. */
export function renewalsOf(after: ServiceTemplate, present: ServiceTemplate): ServicePlan['changes'] {
  const before = present.spec.secrets ?? [];
  const changes = new Map<string, ServicePlan['changes'][number]>();
  for (const use of after.spec.secrets ?? []) {
    const from = before.find((other) => isSamePlace(use, other))?.version;
    if (use.version !== from) changes.set(use.secret, { path: use.secret, from: versionText(from), to: versionText(use.version) });
  }
  return [...changes.values()];
}

const isSamePlace = (one: SecretUse, other: SecretUse) => one.secret === other.secret && one.env === other.env && one.file === other.file;

const versionText = (version: number | undefined) => (version === undefined ? 'the newest' : `version ${version}`);
