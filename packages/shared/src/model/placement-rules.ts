/** Where a run may go: the part of its spec that the scheduler alone acts upon, and no agent is told. */
import { z } from 'zod';
import { labelKeySchema, labelValueSchema } from './metadata.ts';

/** What the labels of a host must be, after Kubernetes' match expressions. */
export const constraintSchema = z.discriminatedUnion('operator', [
  z.strictObject({
    label: labelKeySchema,
    /** The host has the label with one of the values; or it has not, with none of them. */
    operator: z.enum(['in', 'not-in']),
    values: z.array(labelValueSchema).min(1).max(100),
  }),
  z.strictObject({ label: labelKeySchema, operator: z.enum(['exists', 'not-exists']) }),
]);
export type Constraint = z.infer<typeof constraintSchema>;

export const placementRulesSchema = z.strictObject({
  /** All must hold of a host. */
  constraints: z.array(constraintSchema).max(20).optional(),
});
export type PlacementRules = z.infer<typeof placementRulesSchema>;
