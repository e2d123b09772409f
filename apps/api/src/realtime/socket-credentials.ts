/** What a console's socket signs in with: a token, or the session cookie of a page of this very site. */
import type { Socket } from 'socket.io';
import { z } from 'zod';
import type { Credentials } from '../auth/principal.ts';

const authSchema = z.object({ token: z.string().min(1) });

/**
 * Null: nothing that may be used. Browsers send cookies along with a websocket that any page opens, and no CORS check stands in the
 * way; so a cookie counts only where the page is of this origin.
 */
export function credentialsOf({ auth, headers }: Pick<Socket['handshake'], 'auth' | 'headers'>, publicUrl: string): Credentials | null {
  const token = authSchema.safeParse(auth);
  if (token.success) return { token: token.data.token };
  const { origin, host, cookie, ...others } = headers;
  if (cookie === undefined || origin === undefined) return { headers: others };
  const own = URL.canParse(origin) && (new URL(origin).host === host || new URL(origin).origin === new URL(publicUrl).origin);
  return own ? { headers } : null;
}
