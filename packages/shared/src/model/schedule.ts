/** The contract of a schedule: starts runs by cron. A library reads the cron (docs/decisions/0051). */
import { z } from 'zod';
import { labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { phaseSchema } from './phase.ts';
import { reasonSchema } from './reason.ts';
import { createRunSchema } from './run.ts';
import { inputText } from './text.ts';

export const OVERLAPS = ['allow', 'forbid', 'replace'] as const;
/** Where the spec does not say. */
export const SCHEDULE_DEFAULTS = { timeZone: 'UTC', overlap: 'forbid', startingDeadlineSeconds: 60, keep: 10 } as const;

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
export type Overlap = (typeof OVERLAPS)[number];
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

export const createScheduleSchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema.max(50), labels: labelsSchema.optional() }),
  spec: scheduleSpecSchema,
});
export type CreateSchedule = z.infer<typeof createScheduleSchema>;

/** The whole spec, as with PUT; or only the labels. */
export const updateScheduleSchema = z
  .strictObject({ metadata: z.strictObject({ labels: labelsSchema.optional() }).optional(), spec: scheduleSpecSchema.optional() })
  .refine(({ metadata, spec }) => metadata?.labels !== undefined || spec !== undefined, 'must have spec, metadata.labels, or both');
export type UpdateSchedule = z.infer<typeof updateScheduleSchema>;

/** What a dry run answers: when it would start. */
export const scheduleStartsSchema = z.strictObject({
  timeZone: z.string(),
  /** The next five. */
  starts: z.array(z.iso.datetime()),
});
export type ScheduleStarts = z.infer<typeof scheduleStartsSchema>;

/**
 * What became of one time. `started`: a run. `skipped`: left out because of the run before. `missed`: nothing was up until it was too late.
 * `refused`: the run was not admitted, as it would not be if somebody asked for it.
 */
export const START_OUTCOMES = ['started', 'skipped', 'missed', 'refused'] as const;
export const startOutcomeSchema = z.strictObject({
  /** The time that the cron names; null: somebody asked for it then. */
  scheduledAt: z.iso.datetime().nullable(),
  at: z.iso.datetime(),
  outcome: z.enum(START_OUTCOMES),
  runId: z.string().nullable(),
  /** A sentence for people. */
  message: z.string(),
});
export type StartOutcome = z.infer<typeof startOutcomeSchema>;
/** Outcomes that a schedule shows; all of them are among its events. */
export const SHOWN_OUTCOMES = 10;

const runOfScheduleSchema = z.strictObject({
  id: z.string(),
  phase: phaseSchema,
  reason: reasonSchema,
  message: z.string(),
  exitCode: z.int().nullable(),
  scheduledAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type RunOfSchedule = z.infer<typeof runOfScheduleSchema>;

export const scheduleStatusSchema = z.strictObject({
  /** What it does next and why. */
  message: z.string(),
  /** Null: paused, or its cron names no more times. */
  nextAt: z.iso.datetime().nullable(),
  /** The time of its last start, as the cron names it, and its run; the run may have been removed since. */
  lastAt: z.iso.datetime().nullable(),
  lastRunId: z.string().nullable(),
  /** The newest run that is still there. */
  lastRun: runOfScheduleSchema.nullable(),
  /** Those that have not ended, the newest first, ten at most; and how many they are. */
  active: z.array(runOfScheduleSchema),
  activeCount: z.int().min(0),
  /** Who paused it. */
  pausedBy: z.string().nullable(),
  /** The newest first. */
  outcomes: z.array(startOutcomeSchema).max(SHOWN_OUTCOMES),
  counts: z.strictObject({ started: z.int(), skipped: z.int(), missed: z.int(), refused: z.int() }),
});
export type ScheduleStatus = z.infer<typeof scheduleStatusSchema>;

export const scheduleSchema = z.strictObject({
  kind: z.literal('Schedule'),
  metadata: metadataSchema,
  spec: scheduleSpecSchema,
  status: scheduleStatusSchema,
});
export type Schedule = z.infer<typeof scheduleSchema>;
