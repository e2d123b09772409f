/** The contract of a secret: a value with versions, encrypted at rest. It is written, and read back only where it says that it may be. */
import { z } from 'zod';
import { labelsSchema, resourceNameSchema } from './metadata.ts';

/** Of one value, as UTF-8. */
export const SECRET_BYTES = 64 * 1024;

export const secretSpecSchema = z.strictObject({
  /** Configuration rather than a secret: it may be read back, and is not masked. */
  visible: z.boolean().optional(),
  /** A new value is a new version; absent in what is read, unless `visible`. */
  value: z.string().refine((text) => new TextEncoder().encode(text).length <= SECRET_BYTES, `at most ${SECRET_BYTES} bytes`),
});
export type SecretSpec = z.infer<typeof secretSpecSchema>;

export const createSecretSchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema, labels: labelsSchema.optional() }),
  spec: secretSpecSchema,
});
export type CreateSecret = z.infer<typeof createSecretSchema>;
