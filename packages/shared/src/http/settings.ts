/** What a workspace has set. */
import { z } from 'zod';
import { STRATEGIES } from '../model/placement-rules.ts';

/** Where nothing was set. Bytes as they are stored: packed, a fraction of what was written. */
export const LOG_RETENTION = { maxAgeDays: 30, maxBytes: 10 * 2 ** 30 } as const;

const logsSchema = z.strictObject({
  /** Output older than this is removed, and its place in the log says so. */
  maxAgeDays: z.int().min(1).max(3650),
  /** Above this the oldest is removed, that of runs that have ended first. */
  maxBytes: z
    .int()
    .min(2 ** 20)
    .max(2 ** 50),
});
const placementSettingsSchema = z.strictObject({
  /** Of runs that name none. */
  strategy: z.enum(STRATEGIES),
  /** Runs under way at once, the others wait; null: as many as fit. */
  mostAtOnce: z.int().min(1).max(1_000_000).nullable(),
});
const hostsSchema = z.strictObject({
  /** A host that enrols from then on gets no runs before somebody approves it. */
  needApproval: z.boolean(),
});
const volumesSchema = z.strictObject({
  /** A run that names a volume which is not there makes it, as docker run does; otherwise it is refused. */
  madeByRuns: z.boolean(),
});
const networksSchema = z.strictObject({
  /** Of runs that name none. `engine`: the default one of the engine, as docker run has it. `workspace`: the private one of the workspace. */
  runs: z.enum(['engine', 'workspace']),
});
export const settingsSchema = z.strictObject({
  logs: logsSchema,
  placement: placementSettingsSchema,
  hosts: hostsSchema,
  volumes: volumesSchema,
  networks: networksSchema,
});
export type Settings = z.infer<typeof settingsSchema>;

export const updateSettingsSchema = z.strictObject({
  logs: logsSchema.partial().optional(),
  placement: placementSettingsSchema.partial().optional(),
  hosts: hostsSchema.partial().optional(),
  volumes: volumesSchema.partial().optional(),
  networks: networksSchema.partial().optional(),
});
export type UpdateSettings = z.infer<typeof updateSettingsSchema>;
