/** Where a run may go, where it would rather be, and when it has its turn: what the scheduler alone acts upon, and no agent is told. */
import { z } from 'zod';
import { labelKeySchema, labelsSchema, labelValueSchema } from './metadata.ts';
import { inputText } from './text.ts';

/** `spread`: the least loaded host first. `bin-pack`: the fullest that still has room, so that whole hosts stay free. */
export const STRATEGIES = ['spread', 'bin-pack'] as const;
export type Strategy = (typeof STRATEGIES)[number];

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

const selectorSchema = labelsSchema.refine((labels) => Object.keys(labels).length > 0, 'must name at least one label');

/** Other runs that a run wants to be near, or away from. */
export const companySchema = z.strictObject({
  /** Those that have all of these labels. */
  runs: selectorSchema,
  /** Near is where this label of the hosts has one value; on the same host where absent. */
  topology: labelKeySchema.optional(),
  /** Other hosts are refused; where absent or false they only get fewer points. */
  required: z.boolean().optional(),
});
export type CompanyRule = z.infer<typeof companySchema>;

const companiesSchema = z.array(companySchema).max(10);

export const placementRulesSchema = z.strictObject({
  /** All must hold of a host. */
  constraints: z.array(constraintSchema).max(20).optional(),
  /** The workspace's where absent. */
  strategy: z.enum(STRATEGIES).optional(),
  /** Rather where fewest runs are, by a label of the hosts: "zone". */
  spreadOver: z
    .strictObject({
      label: labelKeySchema,
      /** Only those with all of these labels are counted; all runs where absent. */
      runs: selectorSchema.optional(),
    })
    .optional(),
  /** Runs to be near. The first of a group that wants to be near its like goes anywhere. */
  affinity: companiesSchema.optional(),
  /** Runs to be away from. Where it is required they keep away from this one, too. */
  antiAffinity: companiesSchema.optional(),
});
export type PlacementRules = z.infer<typeof placementRulesSchema>;

/** Higher first, then older; nothing that is placed makes room for it. 0 where absent. */
export const prioritySchema = z.int().min(-1000).max(1000);

/** At most `limit` runs of the workspace that have this key are under way when this one is placed, itself among them. */
export const concurrencySchema = z.strictObject({ key: inputText(253).min(1), limit: z.int().min(1).max(100_000) });
export type Concurrency = z.infer<typeof concurrencySchema>;
