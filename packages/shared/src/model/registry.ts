/** Credentials for a registry, scoped to a workspace. The password is written, never read back. */
import { z } from 'zod';
import { DOCKER_HUB } from './image-reference.ts';
import { labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { inputText } from './text.ts';

const serverSchema = z
  .string()
  .regex(
    /^[a-zA-Z0-9.-]+(?::\d{1,5})?$/,
    'must be a host name with an optional port, without "https://": "ghcr.io", "docker.io", "registry.example.com:5000"',
  );

/** Docker Hub has several names; all are one registry. */
const DOCKER_HUB_ALIASES = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com', 'hub.docker.com']);

export function canonicalServer(server: string): string {
  const lower = server.toLowerCase();
  return DOCKER_HUB_ALIASES.has(lower) ? DOCKER_HUB : lower;
}

export const createRegistrySchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema.optional(), labels: labelsSchema.optional() }).optional(),
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
