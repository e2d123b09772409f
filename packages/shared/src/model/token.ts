/** API tokens of a workspace. The token is shown once, when it is made; only its hash is kept. */
import { z } from 'zod';
import { metadataSchema, resourceNameSchema } from './metadata.ts';

export const createTokenSchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema.optional() }).optional(),
  spec: z
    .strictObject({ /** 1 hour to 10 years; no end where absent. */ expiresInSeconds: z.int().min(3600).max(315_360_000).optional() })
    .optional(),
});
export type CreateToken = z.infer<typeof createTokenSchema>;

export const tokenSchema = z.strictObject({
  kind: z.literal('Token'),
  metadata: metadataSchema,
  spec: z.strictObject({ expiresAt: z.iso.datetime().nullable() }),
  status: z.strictObject({ /** The first characters, to tell tokens apart. */ start: z.string(), lastUsedAt: z.iso.datetime().nullable() }),
});
export type Token = z.infer<typeof tokenSchema>;

export const createdTokenSchema = z.strictObject({ resource: tokenSchema, token: z.string() });
export type CreatedToken = z.infer<typeof createdTokenSchema>;
