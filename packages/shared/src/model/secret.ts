/** The contract of a secret: a value with versions, encrypted at rest. It is written, and read back only where it says that it may be. */
import { z } from 'zod';
import { labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { inputText } from './text.ts';

/** Of one value, as UTF-8. */
export const SECRET_BYTES = 64 * 1024;
/** Users of a secret that are named; the rest is only known to be there. */
export const SHOWN_USERS = 20;

const valueSchema = inputText(SECRET_BYTES)
  .min(1)
  .refine((text) => new TextEncoder().encode(text).length <= SECRET_BYTES, `must be at most ${SECRET_BYTES} bytes`);

export const createSecretSchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema, labels: labelsSchema.optional() }),
  spec: z.strictObject({
    value: valueSchema,
    /** Configuration rather than a secret: it may be read back, and is not masked. It stays as it was made. */
    visible: z.boolean().optional(),
  }),
});
export type CreateSecret = z.infer<typeof createSecretSchema>;

export const updateSecretSchema = z
  .strictObject({
    metadata: z.strictObject({ /** All of them: a label that is not named here is taken off. */ labels: labelsSchema }).optional(),
    /** A new value is a new version. */
    spec: z.strictObject({ value: valueSchema }).optional(),
  })
  .refine(({ metadata, spec }) => metadata !== undefined || spec !== undefined, 'must have metadata.labels, spec.value, or both');
export type UpdateSecret = z.infer<typeof updateSecretSchema>;

/** Who uses a secret: active runs, and services whose template names it. */
export const secretUserSchema = z.strictObject({
  kind: z.enum(['Run', 'Service']),
  id: z.string(),
  name: z.string(),
  /** Null: whichever is the latest. */
  version: z.int().nullable(),
});
export type SecretUser = z.infer<typeof secretUserSchema>;

export const secretVersionSchema = z.strictObject({
  number: z.int().min(1),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  /** Its value is gone for good since then; null: it is there. */
  destroyedAt: z.iso.datetime().nullable(),
  users: z.array(secretUserSchema),
});
export type SecretVersion = z.infer<typeof secretVersionSchema>;
export const secretVersionsSchema = z.strictObject({ items: z.array(secretVersionSchema) });

export const secretSchema = z.strictObject({
  kind: z.literal('Secret'),
  metadata: metadataSchema,
  spec: z.strictObject({ visible: z.boolean(), /** Only of what is `visible`. */ value: z.string().optional() }),
  status: z.strictObject({
    /** The latest: what a run gets that names none. */
    version: z.int().min(1),
    changedAt: z.iso.datetime(),
    changedBy: z.string(),
    /** The first SHOWN_USERS. */
    users: z.array(secretUserSchema),
    moreUsers: z.boolean(),
  }),
});
export type Secret = z.infer<typeof secretSchema>;

/** A workspace's values were sealed anew with a fresh data key. */
export const secretKeySchema = z.strictObject({
  /** 1 for the first data key of a workspace. */
  number: z.int().min(1),
  /** Values that were sealed anew. */
  resealed: z.int().min(0),
});
export type SecretKey = z.infer<typeof secretKeySchema>;

/** What stands where a value of a secret would. */
export const SECRET_MASK = '••••••••';
