/** Whether no host of a workspace would ever take a run, by their policies: then it is refused, and not left to wait. */
import {
  DEFAULT_POLICY,
  type HostPolicy,
  type PolicyDemand,
  type PolicyRefusal,
  policyRefusals,
  policyWords,
} from '@berth/shared/model/host-policy';

/** So many hosts are named. */
const NAMED = 3;

export interface JudgedHost {
  name: string;
  policy: HostPolicy | null;
  known: boolean;
}

export interface RefusedByHosts {
  detail: string;
  /** By field of the request. */
  errors: { path: string; message: string }[];
}

/** Null: some host allows it, or may; a workspace without hosts waits for one. */
export function refusedByHosts(hosts: readonly JudgedHost[], demand: PolicyDemand): RefusedByHosts | null {
  if (hosts.length === 0 || hosts.some(({ known }) => !known)) return null;
  const judged = hosts.map(({ name, policy }) => ({ name, refusals: policyRefusals(policy ?? DEFAULT_POLICY, demand) }));
  if (judged.some(({ refusals }) => refusals.length === 0)) return null;
  const fields = new Map<string, { refusal: PolicyRefusal; by: string[] }>();
  for (const { name, refusals } of judged) {
    for (const refusal of refusals) {
      const known = fields.get(refusal.field);
      if (known) known.by.push(name);
      else fields.set(refusal.field, { refusal, by: [name] });
    }
  }
  const causes = new Map<string, string[]>();
  for (const { name, refusals } of judged) {
    const words = policyWords(refusals);
    causes.set(words, [...(causes.get(words) ?? []), name]);
  }
  const told = [...causes].map(([words, names]) => `${listed(names)} ${names.length === 1 ? 'does' : 'do'} not allow ${words}`);
  return {
    detail: `No host allows it: ${told.join('; ')}. What a host allows is written in the policy file on it.`,
    errors: [...fields].map(([field, { refusal, by }]) => ({
      path: `spec.${field}`,
      message: `${listed(by)} ${by.length === 1 ? 'does' : 'do'} not allow ${refusal.what}`,
    })),
  };
}

function listed(names: readonly string[]): string {
  const told = names.slice(0, NAMED);
  const more = names.length - told.length;
  return more > 0 ? `${told.join(', ')} and ${more} more` : told.join(' and ');
}
