/** Queries and answers of the routes of what runs use. */
import { z } from 'zod';
import { sampleSchema } from '../model/sample.ts';

/** Seconds a point stands for. Finer ones are kept for a shorter time: a day, a week, a year. */
export const STEPS = [10, 60, 3600] as const;
export type Step = (typeof STEPS)[number];

const time = z.iso.datetime({ offset: true });
export const statsQuerySchema = z
  .strictObject({
    /** The start of the run where absent. */
    since: time.optional(),
    /** Its end, or now, where absent. */
    until: time.optional(),
    /** Chosen by the span where absent. */
    step: z
      .enum(['10', '60', '3600'])
      .transform((text): Step => (text === '10' ? 10 : text === '60' ? 60 : 3600))
      .optional(),
  })
  .refine(({ since, until }) => since === undefined || until === undefined || Date.parse(since) < Date.parse(until), {
    path: ['until'],
    message: 'must be after since',
  });
export type StatsQuery = z.infer<typeof statsQuerySchema>;

/** Means over its step, with the highest of CPU and memory. */
export const pointSchema = sampleSchema.extend({ cpuMillisMax: z.number(), memoryBytesMax: z.number() });
export type Point = z.infer<typeof pointSchema>;

export const runStatsSchema = z.strictObject({
  step: z.union([z.literal(10), z.literal(60), z.literal(3600)]),
  /** What the run may use, and what its host has; null where there is no limit, or no host. */
  limits: z.strictObject({
    cpuMillis: z.int().nullable(),
    memoryBytes: z.int().nullable(),
    hostCpuMillis: z.int().nullable(),
    hostMemoryBytes: z.int().nullable(),
  }),
  /** In the order of time; a part of the run without samples has none. */
  points: z.array(pointSchema),
});
export type RunStats = z.infer<typeof runStatsSchema>;

/** The last minutes of the runs that run. */
export const workspaceStatsSchema = z.strictObject({
  items: z.array(z.strictObject({ run: z.string(), points: z.array(sampleSchema) })),
});
export type WorkspaceStats = z.infer<typeof workspaceStatsSchema>;
