/** Credentials for a registry, scoped to a workspace. The password is written, never read back. */
import { z } from 'zod';
import { metadataSchema, resourceNameSchema } from './metadata.ts';

const serverSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9.-]+(?::\d{1,5})?$/,
    'must be a host name with an optional port, without "https://": "ghcr.io", "docker.io", "registry.example.com:5000"',
  );

export const createRegistrySchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema.optional() }).optional(),
  spec: z.strictObject({ server: serverSchema, username: z.string().min(1).max(256), password: z.string().min(1).max(65_536) }),
});
export type CreateRegistry = z.infer<typeof createRegistrySchema>;

export const registrySchema = z.strictObject({
  kind: z.literal('Registry'),
  metadata: metadataSchema,
  spec: z.strictObject({ server: serverSchema, username: z.string() }),
  status: z.strictObject({}),
});
export type Registry = z.infer<typeof registrySchema>;
