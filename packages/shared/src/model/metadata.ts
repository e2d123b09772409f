/** What every resource carries: `{ kind, metadata, spec, status }`, after Kubernetes' API conventions. */
import { z } from 'zod';
import { inputText } from './text.ts';

export const resourceNameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits, "-", "_" or ".", starting and ending with a letter or digit',
  );

/** Workspace slugs stand in addresses: /v1/workspaces/{workspace}. */
export const workspaceSlugSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 lower-case letters, digits or "-"');

export const labelKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,251}[A-Za-z0-9])?$/, 'a label key is letters, digits, ".", "_", "/" or "-", 253 at most');
export const labelValueSchema = inputText(253);

export const labelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels');
export type Labels = z.infer<typeof labelsSchema>;

export const metadataSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  workspace: z.string(),
  labels: labelsSchema,
  /** Grows with every change of what is asked for. */
  generation: z.int(),
  /** Changes with every change at all; opaque. For If-Match and to order two views of one resource. */
  resourceVersion: z.string(),
  createdAt: z.iso.datetime(),
});
export type Metadata = z.infer<typeof metadataSchema>;
