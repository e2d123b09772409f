/** Who sends a request, and which workspaces it may see (law L9). */

export interface WorkspaceRef {
  id: string;
  /** Stands in addresses. */
  slug: string;
}

export interface Membership extends WorkspaceRef {
  name: string;
  role: string;
}

interface PrincipalOf {
  /** Kept with what it did: "user:ada@example.com", "token:ci". */
  actor: string;
  memberships: readonly Membership[];
}

/** A person with a session cookie. */
export interface UserPrincipal extends PrincipalOf {
  kind: 'user';
  userId: string;
  email: string;
  name: string;
}

/** A program with an API token: exactly one membership, that of the token's workspace. */
export interface TokenPrincipal extends PrincipalOf {
  kind: 'token';
  tokenId: string;
  name: string;
}

export type Principal = UserPrincipal | TokenPrincipal;

/** Either the headers of a request (Authorization, Cookie), or a bare token, as sockets send it. */
export type Credentials = { headers: Readonly<Record<string, string | string[] | undefined>> } | { token: string };

/** Injected as it is; the implementation is in authenticator.ts. */
export abstract class Authenticator {
  /** Null: no credentials, or not valid ones (any more). Throws only where Postgres cannot be asked. */
  abstract authenticate(credentials: Credentials): Promise<Principal | null>;
}

/** Null where the principal may not see it: the answer is then 404, as if it did not exist. */
export function workspaceFor(principal: Principal, slug: string): WorkspaceRef | null {
  const found = principal.memberships.find((membership) => membership.slug === slug);
  return found ? { id: found.id, slug: found.slug } : null;
}
