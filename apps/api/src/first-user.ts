/**
 * Makes a user with a workspace and an API token; without arguments the first one. Idempotent by e-mail: it may run before every start.
 * `node dist/bootstrap.js [--workspace SLUG] [--email E] [--password P]`; prints one JSON line { workspace, email, password, token }.
 * Only hashes are kept, so a repeat sets the password anew and makes another token named "bootstrap" in the place of the last one.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { resourceNameSchema, workspaceSlugSchema } from '@berth/shared/model/metadata';
import { z } from 'zod';
import { type Auth, createAuth } from './auth/better-auth.ts';
import { EnvError, loadEnv } from './config/env.ts';
import { Database } from './persistence/database.ts';
import { WorkspaceRepository } from './persistence/workspace-repository.ts';

const argumentsSchema = z.strictObject({
  workspace: workspaceSlugSchema.default('default'),
  email: z.email().default('admin@berth.local'),
  password: z.string().min(10).max(128).optional(),
});
const TOKEN_NAME = resourceNameSchema.parse('bootstrap');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { workspace: { type: 'string' }, email: { type: 'string' }, password: { type: 'string' } } });
  const { workspace, email, password = randomBytes(15).toString('base64url') } = argumentsSchema.parse(values);
  const env = loadEnv();
  const database = new Database({ url: env.DATABASE_URL, poolSize: 2 });
  try {
    const auth = createAuth(database, env);
    const userId = await ensureUser(auth, email, password);
    const workspaceId = await ensureWorkspace(auth, database, workspace, userId);
    await new WorkspaceRepository(database).deleteTokensNamed(workspaceId, TOKEN_NAME);
    const { key } = await auth.api.createApiKey({ body: { organizationId: workspaceId, userId, name: TOKEN_NAME } });
    process.stdout.write(`${JSON.stringify({ workspace, email, password, token: key })}\n`);
  } finally {
    await database.onApplicationShutdown();
  }
}

async function ensureUser(auth: Auth, email: string, password: string): Promise<string> {
  const { internalAdapter, password: passwords } = await auth.$context;
  const hash = await passwords.hash(password);
  const known = await internalAdapter.findUserByEmail(email);
  if (known) {
    await internalAdapter.updatePassword(known.user.id, hash);
    return known.user.id;
  }
  const user = await internalAdapter.createUser(
    { email, name: email.split('@')[0] ?? email, emailVerified: true },
    { method: 'email-password' },
  );
  await internalAdapter.linkAccount({ userId: user.id, providerId: 'credential', accountId: user.id, password: hash });
  return user.id;
}

/** Throws where the workspace is there and belongs to somebody else. */
async function ensureWorkspace(auth: Auth, database: Database, slug: string, userId: string): Promise<string> {
  const mine = await new WorkspaceRepository(database).membershipsOf(userId);
  const known = mine.find((membership) => membership.slug === slug);
  if (known) return known.id;
  const made = await auth.api.createOrganization({ body: { name: slug, slug, userId } });
  if (!made) throw new Error(`the workspace "${slug}" could not be made`);
  return made.id;
}

try {
  await main();
} catch (error) {
  const message = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof EnvError ? error.message : String(error);
  process.stderr.write(`bootstrap: ${message}\n`);
  process.exitCode = error instanceof EnvError ? 78 : 1;
}
