/** The contract of a schedule: starts runs by cron. A library reads the cron (docs/decisions/0051). */
import { z } from 'zod';
import { labelsSchema, resourceNameSchema } from './metadata.ts';
import { createRunSchema } from './run.ts';
import { inputText } from './text.ts';

export const OVERLAPS = ['allow', 'forbid', 'replace'] as const;

export const scheduleSpecSchema = z.strictObject({
  /** Five fields, or six with seconds first, or "@daily" and the like. */
  cron: inputText(200).min(1),
  /** As in the IANA time zone database: "Europe/Berlin"; UTC where absent. */
  timeZone: inputText(64).min(1).optional(),
  /** When the run before is still there: `allow` starts another, `forbid` (where absent) leaves it out, `replace` stops the one before. */
  overlap: z.enum(OVERLAPS).optional(),
  /** A start that was missed (nothing was up) is made up for within so many seconds; 60 where absent. */
  startingDeadlineSeconds: z.int().min(1).max(86_400).optional(),
  paused: z.boolean().optional(),
  /** Runs that are kept after their end, the newest; 10 where absent. */
  keep: z.int().min(0).max(1000).optional(),
  template: z.strictObject({ labels: labelsSchema.optional(), spec: createRunSchema.shape.spec }),
});
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

export const createScheduleSchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema.max(50), labels: labelsSchema.optional() }),
  spec: scheduleSpecSchema,
});
export type CreateSchedule = z.infer<typeof createScheduleSchema>;
