/** The contract of a run array: many runs of one template, made at once, each with its index and its parameters. */
import { z } from 'zod';
import { labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { phaseSchema } from './phase.ts';
import { createRunSchema } from './run.ts';
import { inputText } from './text.ts';

export const MOST_RUNS = 10_000;
/** Texts of all parameters together, in characters. */
const MOST_PARAMETER_TEXT = 4_000_000;

export const parameterNameSchema = z
  .string()
  .max(128)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a parameter name is letters, digits and "_", and does not begin with a digit')
  .refine((name) => !name.startsWith('BERTH_'), 'names that begin with BERTH_ are given by Berth');
const parametersSchema = z.record(parameterNameSchema, inputText(32_768));
export type Parameters = z.infer<typeof parametersSchema>;

export const runArraySpecSchema = z
  .strictObject({
    /** So many runs that differ by their index alone. */
    count: z.int().min(1).max(MOST_RUNS).optional(),
    /** A run for each: its variables, and what `${{ parameters.KEY }}` in command, args and env stands for. */
    parameters: z.array(parametersSchema).min(1).max(MOST_RUNS).optional(),
    /** At most so many are under way at once; as many as fit where absent. */
    parallelism: z.int().min(1).max(MOST_RUNS).optional(),
    template: z.strictObject({
      labels: labelsSchema.optional(),
      spec: createRunSchema.shape.spec.superRefine((spec, context) => {
        if (spec.concurrency !== undefined)
          context.addIssue({
            code: 'custom',
            path: ['concurrency'],
            message: 'is of no meaning in a run array: parallelism says how many',
          });
      }),
    }),
  })
  .superRefine(({ count, parameters }, context) => {
    if (count === undefined && parameters === undefined)
      context.addIssue({
        code: 'custom',
        path: ['count'],
        message: 'name count, or a list of parameters: it says how many runs there are',
      });
    if (count !== undefined && parameters !== undefined && count !== parameters.length)
      context.addIssue({ code: 'custom', path: ['count'], message: `must be ${parameters.length}, as there are parameters, or absent` });
    const text = (parameters ?? []).reduce((sum, one) => sum + Object.values(one).reduce((length, value) => length + value.length, 0), 0);
    if (text > MOST_PARAMETER_TEXT)
      context.addIssue({
        code: 'custom',
        path: ['parameters'],
        message: `hold ${text} characters together; at most ${MOST_PARAMETER_TEXT}`,
      });
  });
export type RunArraySpec = z.infer<typeof runArraySpecSchema>;

export const createRunArraySchema = z.strictObject({
  metadata: z.strictObject({
    /** Its runs have it, too. */
    name: resourceNameSchema,
    labels: labelsSchema.optional(),
  }),
  spec: runArraySpecSchema,
});
export type CreateRunArray = z.infer<typeof createRunArraySchema>;

const count = z.int().min(0);

export const runArrayStatusSchema = z.strictObject({
  /** `running` until the last one has ended. */
  state: z.enum(['running', 'cancelling', 'succeeded', 'failed', 'cancelled']),
  /** A sentence for people. */
  message: z.string(),
  total: count,
  /** `running`: on a host, whatever it does there. `deleted`: removed, one by one or by their spec. */
  counts: z.strictObject({
    queued: count,
    running: count,
    succeeded: count,
    failed: count,
    cancelled: count,
    lost: count,
    deleted: count,
  }),
  /** The first by their index, ten at most. */
  failures: z.array(
    z.strictObject({
      runId: z.string(),
      index: z.int(),
      phase: phaseSchema,
      exitCode: z.int().nullable(),
      message: z.string(),
    }),
  ),
});
export type RunArrayStatus = z.infer<typeof runArrayStatusSchema>;

export const runArraySchema = z.strictObject({
  kind: z.literal('RunArray'),
  metadata: metadataSchema,
  spec: runArraySpecSchema,
  status: runArrayStatusSchema,
});
export type RunArray = z.infer<typeof runArraySchema>;

/** As a list has it: the parameters, megabytes of them where there are many, are with the array itself. */
export const listedRunArraySchema = z.strictObject({
  ...runArraySchema.shape,
  spec: z.strictObject(runArraySpecSchema.shape).omit({ parameters: true }),
});
export type ListedRunArray = z.infer<typeof listedRunArraySchema>;

export const deleteRunArrayQuerySchema = z.object({
  /** Kill what has not ended. */
  force: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});
