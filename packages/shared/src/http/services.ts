/** What the routes of services take and answer beside the resource. */
import { z } from 'zod';
import { MOST_REPLICAS, replicaSchema, serviceRevisionSchema } from '../model/service.ts';

export const dryRunQuerySchema = z.object({
  /** Only say what it would do. */
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

export const scaleSchema = z.strictObject({ replicas: z.int().min(0).max(MOST_REPLICAS) });
export const rollBackSchema = z.strictObject({ revision: z.int().min(1).optional() });
export const replicasSchema = z.strictObject({ items: z.array(replicaSchema) });
export const revisionsSchema = z.strictObject({ items: z.array(serviceRevisionSchema) });
