/**
 * Credentials → principal. An answer is kept for a few seconds, so that a busy client costs one look-up per period and no write;
 * revoking a token or signing out drops what is kept here at once, and on other replicas after CACHE_MS at the latest.
 */
import { Inject, Injectable, Logger } from '@nestjs/common';
import { fromNodeHeaders } from 'better-auth/node';
import { WorkspaceRepository } from '../persistence/workspace-repository.ts';
import { AUTH, type Auth, COOKIE_PREFIX, TOKEN_PREFIX } from './better-auth.ts';
import { Authenticator, type Credentials, type Principal } from './principal.ts';
import { hashOf } from './secret-hash.ts';

const CACHE_MS = 5000;
const CACHE_SIZE = 10_000;
const SESSION_COOKIE = new RegExp(`(?:^|;\\s*)(?:__Secure-)?${COOKIE_PREFIX}\\.session_token=([^;]+)`);

interface Kept {
  principal: Principal;
  until: number;
}

@Injectable()
export class BetterAuthAuthenticator extends Authenticator {
  private readonly logger = new Logger('auth');
  private readonly kept = new Map<string, Kept>();
  /** Look-ups under way: a burst with one token asks once. */
  private readonly asking = new Map<string, Promise<Principal | null>>();

  constructor(
    @Inject(AUTH) private readonly auth: Auth,
    private readonly workspaces: WorkspaceRepository,
  ) {
    super();
  }

  async authenticate(credentials: Credentials): Promise<Principal | null> {
    if ('token' in credentials) return this.byToken(credentials.token);
    const { authorization, cookie } = credentials.headers;
    if (typeof authorization === 'string') {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      // A wrong token is wrong, whatever cookie lies beside it.
      return token === undefined ? null : this.byToken(token);
    }
    const session = typeof cookie === 'string' ? SESSION_COOKIE.exec(cookie)?.[1] : undefined;
    return session === undefined ? null : this.once(`session:${hashOf(session)}`, () => this.bySession(credentials.headers));
  }

  /** After a revocation or a sign-out. */
  forget(): void {
    this.kept.clear();
  }

  private async byToken(token: string): Promise<Principal | null> {
    if (!token.startsWith(TOKEN_PREFIX)) return null;
    const hash = hashOf(token);
    return this.once(`token:${hash}`, async () => {
      const owner = await this.workspaces.ownerOfToken(hash);
      if (!owner) return null;
      if (owner.useIsDue) {
        this.workspaces
          .noteTokenUse(owner.tokenId)
          .catch((error: unknown) => this.logger.warn(`the last use of a token could not be noted: ${error}`));
      }
      const { tokenId, name, workspace } = owner;
      return { kind: 'token', actor: `token:${name}`, tokenId, name, memberships: [workspace] };
    });
  }

  private async bySession(headers: Readonly<Record<string, string | string[] | undefined>>): Promise<Principal | null> {
    const found = await this.auth.api.getSession({ headers: fromNodeHeaders(headers) });
    if (!found) return null;
    const { id, email, name } = found.user;
    return { kind: 'user', actor: `user:${email}`, userId: id, email, name, memberships: await this.workspaces.membershipsOf(id) };
  }

  private async once(key: string, ask: () => Promise<Principal | null>): Promise<Principal | null> {
    const kept = this.kept.get(key);
    if (kept && kept.until > Date.now()) return kept.principal;
    const under = this.asking.get(key);
    if (under) return under;
    const asking = ask();
    this.asking.set(key, asking);
    try {
      const principal = await asking;
      this.kept.delete(key);
      if (principal) this.keep(key, principal);
      return principal;
    } finally {
      this.asking.delete(key);
    }
  }

  private keep(key: string, principal: Principal): void {
    // A Map iterates in the order of insertion: the first key is the oldest.
    for (const oldest of this.kept.keys()) {
      if (this.kept.size < CACHE_SIZE) break;
      this.kept.delete(oldest);
    }
    this.kept.set(key, { principal, until: Date.now() + CACHE_MS });
  }
}
