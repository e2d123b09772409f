/** Who did something, in words. Nothing is imported here: the console takes it into its first load. */

/** "user:ada@example.com" → "ada@example.com", "token:ci" → "the token ci", "service:web" → "the service web". */
export function nameOfActor(actor: string): string {
  const [, kind, name] = /^(user|token|service|schedule):(.+)$/.exec(actor) ?? [];
  if (name === undefined) return actor;
  return kind === 'user' ? name : `the ${kind} ${name}`;
}
