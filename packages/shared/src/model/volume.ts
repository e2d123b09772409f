/** The contract of a volume: data with a name that outlives containers. It lies on one host, and placement follows it. */
import { z } from 'zod';
import { labelsSchema, resourceNameSchema } from './metadata.ts';
import { inputText } from './text.ts';

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
