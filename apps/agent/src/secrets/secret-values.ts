/** PURE. The values of an attempt's secrets, as the api has sent them, by what its spec asks for. */
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import { type SecretUse, secretWords } from '@berth/shared/model/secret-use';
import type { Assignment } from '@berth/shared/protocol/agent';
import { SecretMatcher } from './secret-matcher.ts';

/** Null: it is not there any more. */
export function givenValue({ secrets }: Assignment, { secret, version }: SecretUse): string | null {
  return secrets?.find((each) => each.secret === secret && each.version === version)?.value ?? null;
}

export const missing = (what: string): Failure => ({
  kind: 'cannot-ever',
  reason: 'secret-missing',
  message: `the value of the secret ${what} is no longer there: it was deleted, or its key was lost`,
});

/** The variables that hold secrets; or why there cannot be all of them. */
export function secretEnv(assignment: Assignment): Outcome<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const use of assignment.spec.secrets ?? []) {
    if (use.env === undefined) continue;
    const value = givenValue(assignment, use);
    if (value === null) return { ok: false, failure: missing(secretWords(use)) };
    env[use.env] = value;
  }
  return { ok: true, value: env };
}

/** Of one attempt. Null: nothing is to be masked. `unknown`: the api has not told this process yet. */
export type Masking = SecretMatcher | null | 'unknown';

/** Assignments do not change: another value comes with another one. */
const made = new WeakMap<Assignment, SecretMatcher | null>();

export function maskingOf(assignment: Assignment | undefined): Masking {
  if (!assignment?.spec.secrets?.length) return null;
  if (assignment.secrets === undefined) return 'unknown';
  let matcher = made.get(assignment);
  if (matcher === undefined) {
    matcher = SecretMatcher.of(assignment.secrets.flatMap(({ value, visible }) => (value === null || visible ? [] : [value])));
    made.set(assignment, matcher);
  }
  return matcher;
}
