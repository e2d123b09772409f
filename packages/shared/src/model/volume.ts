/** The contract of a volume: data with a name that outlives containers. It lies on one host, and placement follows it. */
import { z } from 'zod';
import { labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { phaseSchema } from './phase.ts';
import { inputText } from './text.ts';

/** As the engines of hosts call it. */
export const engineVolumeName = (volumeId: string): string => `berth-${volumeId}`;

export const volumeSpecSchema = z.strictObject({
  /** Name or id of the host that it is to lie on; the one of the first run that has it where absent. */
  host: inputText(64).min(1).optional(),
});
export type VolumeSpec = z.infer<typeof volumeSpecSchema>;

export const createVolumeSchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema, labels: labelsSchema.optional() }),
  spec: volumeSpecSchema.optional(),
});
export type CreateVolume = z.infer<typeof createVolumeSchema>;

/** What can be changed of a volume. Its name stays: runs have it in their specs. */
export const updateVolumeSchema = z.strictObject({
  metadata: z.strictObject({
    /** All of them: a label that is not named here is taken off. */
    labels: labelsSchema,
  }),
});
export type UpdateVolume = z.infer<typeof updateVolumeSchema>;

/** Runs that a volume shows. */
export const SHOWN_USERS = 20;

export const volumeStatusSchema = z.strictObject({
  /** Where its data lies; null: no run had it yet, and it may go anywhere. */
  hostId: z.string().nullable(),
  hostName: z.string().nullable(),
  /** Bytes, when last measured; null where it never was. */
  sizeBytes: z.int().nullable(),
  measuredAt: z.iso.datetime().nullable(),
  /** Runs that are not at an end and have it, the newest of them. */
  users: z.array(z.strictObject({ runId: z.string(), name: z.string(), phase: phaseSchema })).max(SHOWN_USERS),
  /** How many there are. */
  userCount: z.int(),
  /** A sentence for people: "lies on web-1, which counts as lost". */
  message: z.string(),
});

export const volumeSchema = z.strictObject({
  kind: z.literal('Volume'),
  metadata: metadataSchema,
  spec: volumeSpecSchema,
  status: volumeStatusSchema,
});
export type Volume = z.infer<typeof volumeSchema>;
