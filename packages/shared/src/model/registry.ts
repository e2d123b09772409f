/** Credentials for a registry, scoped to a workspace. The password is written, never read back. */
import { z } from 'zod';
import { metadataSchema, resourceNameSchema } from './metadata.ts';
import { inputText } from './text.ts';

const serverSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9.-]+(?::\d{1,5})?$/,
    'must be a host name with an optional port, without "https://": "ghcr.io", "docker.io", "registry.example.com:5000"',
  );

export const createRegistrySchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema.optional() }).optional(),
  spec: z.strictObject({ server: serverSchema, username: inputText(256).min(1), password: inputText(65_536).min(1) }),
});
export type CreateRegistry = z.infer<typeof createRegistrySchema>;

export const registrySchema = z.strictObject({
  kind: z.literal('Registry'),
  metadata: metadataSchema,
  spec: z.strictObject({ server: serverSchema, username: z.string() }),
  status: z.strictObject({}),
});
export type Registry = z.infer<typeof registrySchema>;
