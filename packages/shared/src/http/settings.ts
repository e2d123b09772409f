/** What a workspace has set. */
import { z } from 'zod';

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
const hostsSchema = z.strictObject({
  /** A host that enrols from then on gets no runs before somebody approves it. */
  needApproval: z.boolean(),
});
export const settingsSchema = z.strictObject({ logs: logsSchema, hosts: hostsSchema });
export type Settings = z.infer<typeof settingsSchema>;

export const updateSettingsSchema = z.strictObject({ logs: logsSchema.partial().optional(), hosts: hostsSchema.partial().optional() });
export type UpdateSettings = z.infer<typeof updateSettingsSchema>;
