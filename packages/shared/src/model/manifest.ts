/**
 * Manifests: what is wanted, as text that can be kept beside the code. A document is a resource without what Berth writes itself.
 * The contract of each kind is that of its create, with the name demanded: it is by the name that an apply finds it again.
 */
import { z } from 'zod';
import { labelsSchema, resourceNameSchema } from './metadata.ts';
import { createRegistrySchema } from './registry.ts';
import { createRunSchema } from './run.ts';
import { createScheduleSchema } from './schedule.ts';
import { createServiceSchema } from './service.ts';
import { volumeSpecSchema } from './volume.ts';

/** All kinds that there are in manifests; one that cannot be applied yet is refused by its name. */
export const MANIFEST_KINDS = ['Secret', 'Volume', 'Registry', 'Service', 'Schedule', 'Run'] as const;
export type ManifestKind = (typeof MANIFEST_KINDS)[number];

const metadata = z.strictObject({ name: resourceNameSchema, labels: labelsSchema.optional() });

/** Those that can be applied. */
export const manifestSchemas = {
  Volume: z.strictObject({ kind: z.literal('Volume'), metadata, spec: volumeSpecSchema.optional() }),
  Registry: z.strictObject({
    kind: z.literal('Registry'),
    metadata,
    /** Without a password the stored one stays. */
    spec: createRegistrySchema.shape.spec.extend({ password: createRegistrySchema.shape.spec.shape.password.optional() }),
  }),
  Service: createServiceSchema.extend({ kind: z.literal('Service') }),
  Schedule: createScheduleSchema.extend({ kind: z.literal('Schedule') }),
  Run: z.strictObject({ kind: z.literal('Run'), metadata, spec: createRunSchema.shape.spec }),
} as const satisfies Partial<Record<ManifestKind, z.ZodType>>;
export type AppliedKind = keyof typeof manifestSchemas;
export const isApplied = (kind: string): kind is AppliedKind => kind in manifestSchemas;
export const APPLIED_KINDS: readonly AppliedKind[] = MANIFEST_KINDS.filter(isApplied);

export type Manifest = { [K in AppliedKind]: z.infer<(typeof manifestSchemas)[K]> }[AppliedKind];

/** Documents of one request, and bytes of all of them. */
export const MOST_DOCUMENTS = 200;
export const MANIFEST_BYTES = 1024 * 1024;
