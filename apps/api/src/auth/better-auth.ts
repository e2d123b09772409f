/**
 * Sign-in by better-auth: e-mail and password, its organization is our workspace, its API keys are our tokens.
 * Nobody signs up by themselves: the first user is made by bootstrap.ts, others are invited.
 */

import { newId } from '@berth/shared/model/ids';
import { apiKey } from '@better-auth/api-key';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { generateRandomString } from 'better-auth/crypto';
import { betterAuth } from 'better-auth/minimal';
import { organization } from 'better-auth/plugins/organization';
import type { Env } from '../config/env.ts';
import type { Database } from '../persistence/database.ts';

/** Carries the client's address to better-auth's rate limit; set by us on every request, whatever the client sent. */
export const CLIENT_IP_HEADER = 'x-berth-client-ip';
export const COOKIE_PREFIX = 'berth';
export const TOKEN_PREFIX = 'berth_';

/** Ids that people see or that lists page by are ours; the others are random. */
function idFor(model: string): string {
  switch (model) {
    case 'user':
      return newId('user');
    case 'workspace':
    case 'organization':
      return newId('workspace');
    case 'apiKey':
    case 'apikey':
      return newId('token');
    default:
      return generateRandomString(32, 'a-z', '0-9');
  }
}

export function createAuth(database: Database, env: Env) {
  const loopback = ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${env.PORT}`);
  return betterAuth({
    appName: 'Berth',
    baseURL: env.PUBLIC_URL,
    basePath: '/api/auth',
    secret: env.AUTH_SECRET,
    trustedOrigins: [new URL(env.PUBLIC_URL).origin, ...loopback],
    database: prismaAdapter(database.prisma, { provider: 'postgresql' }),
    telemetry: { enabled: false },
    logger: { level: 'error' },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10 },
    session: { expiresIn: 60 * 60 * 24 * 14, updateAge: 60 * 60 * 24 },
    // Tokens are made and revoked at /v1/…/tokens, which also forgets what is cached of them.
    disabledPaths: ['/api-key/create', '/api-key/update', '/api-key/delete', '/api-key/list', '/api-key/get'],
    rateLimit: {
      enabled: true,
      window: 10,
      max: 300,
      // Guessing passwords: 20 a minute from one address.
      customRules: { '/sign-in/email': { window: 60, max: 20 } },
    },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: env.PUBLIC_URL.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { ipAddressHeaders: [CLIENT_IP_HEADER] },
      database: { generateId: ({ model }) => idFor(model) },
    },
    plugins: [
      organization({
        allowUserToCreateOrganization: false,
        // Its runs and hosts would stay behind.
        disableOrganizationDeletion: true,
        schema: { organization: { modelName: 'workspace' } },
      }),
      apiKey(
        {
          references: 'organization',
          defaultPrefix: TOKEN_PREFIX,
          defaultKeyLength: 48,
          startingCharactersConfig: { charactersLength: TOKEN_PREFIX.length + 4 },
          maximumNameLength: 63,
          // Days: as createTokenSchema has it, one hour to ten years.
          keyExpiration: { minExpiresIn: 1 / 24, maxExpiresIn: 3650 },
          rateLimit: { enabled: false },
        },
        { schema: { apikey: { modelName: 'apiKey' } } },
      ),
    ],
  });
}
export type Auth = ReturnType<typeof createAuth>;
/** Injection token of better-auth. */
export const AUTH = Symbol('AUTH');
