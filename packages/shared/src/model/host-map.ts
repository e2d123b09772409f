/** The hosts of a workspace at a glance: what a map or a table of all of them is drawn from, and nothing more. */
import { z } from 'zod';
import { HOST_STATES, VERSION_SKEWS } from './host.ts';
import { labelsSchema } from './metadata.ts';
import { inputText } from './text.ts';

/** What stands beside the state of a host, which it does not change. */
export const HOST_MARKS = ['unapproved', 'cordoned', 'draining', 'drained'] as const;
export type HostMark = (typeof HOST_MARKS)[number];

const loadSchema = z.strictObject({
  total: z.int(),
  /** By the attempts that are not at an end. */
  reserved: z.int(),
  /** By the newest samples of its runs; null where none of them has one of the last half minute. */
  used: z.number().nullable(),
});
export type Load = z.infer<typeof loadSchema>;

export const hostCellSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  labels: labelsSchema,
  state: z.enum(HOST_STATES),
  /** Why it is not ready; null where it is. */
  message: z.string().nullable(),
  marks: z.array(z.enum(HOST_MARKS)),
  /** Thousandths of a core. */
  cpu: loadSchema,
  /** Bytes. */
  memory: loadSchema,
  runs: z.int(),
  agentVersion: z.string().nullable(),
  skew: z.enum(VERSION_SKEWS),
});
export type HostCell = z.infer<typeof hostCellSchema>;

/** Over hosts of any state; `used` over those of which it is known, null where it is of none. */
export const hostTotalsSchema = z.strictObject({
  hosts: z.int(),
  ready: z.int(),
  cpu: loadSchema,
  memory: loadSchema,
  runs: z.int(),
});
export type HostTotals = z.infer<typeof hostTotalsSchema>;

export const hostMapSchema = z.strictObject({ items: z.array(hostCellSchema), totals: hostTotalsSchema });
export type HostMap = z.infer<typeof hostMapSchema>;

/** All must hold. */
export const hostFilterSchema = z.strictObject({
  /** Part of the name, whatever its case. */
  name: inputText(63).optional(),
  state: z.enum([...HOST_STATES, ...HOST_MARKS]).optional(),
  /** `key` or `key=value`. */
  label: z.array(inputText(2000)).max(20).optional(),
});
export type HostFilter = z.infer<typeof hostFilterSchema>;
