/** Who the caller is, and the workspaces it may see: what a console asks first. */
import { z } from 'zod';

export const sessionSchema = z.strictObject({
  kind: z.literal('Session'),
  /** A person with a cookie, or a program with an API token. */
  principal: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('user'), id: z.string(), email: z.string(), name: z.string() }),
    z.strictObject({ type: z.literal('token'), id: z.string(), name: z.string() }),
  ]),
  workspaces: z.array(z.strictObject({ id: z.string(), slug: z.string(), name: z.string(), role: z.string() })),
});
export type Session = z.infer<typeof sessionSchema>;
