/** A host: a machine with a Berth agent and a container engine. */
import { z } from 'zod';
import { drainSchema } from './drain.ts';
import { labelsSchema, metadataSchema } from './metadata.ts';
import { inputText, reportedText } from './text.ts';
import { waitingSchema } from './waiting.ts';

/** What an agent finds out about its machine and engine. */
export const hostFactsSchema = z.object({
  hostname: reportedText,
  /** OCI platform: "linux/amd64". */
  platform: reportedText,
  kernel: reportedText,
  engine: z.object({ name: reportedText, version: reportedText, apiVersion: reportedText }).nullable(),
  agentVersion: reportedText,
  /** Thousandths of a core. */
  cpuMillis: z.int(),
  memoryBytes: z.int(),
});
export type HostFacts = z.infer<typeof hostFactsSchema>;

/** `lost`: nothing was heard of it for so long that what may be is placed elsewhere. It is a host like any other once it is back. */
export const HOST_STATES = ['ready', 'not-ready', 'lost'] as const;
export type HostState = (typeof HOST_STATES)[number];

export const hostStatusSchema = z.strictObject({
  state: z.enum(HOST_STATES),
  /** Why it is so: "ready", "last seen 40 s ago", "the engine does not answer: connect ENOENT …". */
  message: z.string(),
  /** What it waits for, until when, and what happens next (law L6); null while it is ready. */
  waiting: waitingSchema.nullable(),
  /** Null where nobody asked for it. */
  drain: drainSchema.nullable(),
  lastSeenAt: z.iso.datetime().nullable(),
  facts: hostFactsSchema.nullable(),
  capacity: z.strictObject({ cpuMillis: z.int(), memoryBytes: z.int() }),
  /** Reserved by the attempts that are not at an end. */
  allocated: z.strictObject({ cpuMillis: z.int(), memoryBytes: z.int(), runs: z.int() }),
});

export const hostSchema = z.strictObject({
  kind: z.literal('Host'),
  metadata: metadataSchema,
  spec: z.strictObject({}),
  status: hostStatusSchema,
});
export type Host = z.infer<typeof hostSchema>;

export const joinTokenSchema = z.strictObject({
  kind: z.literal('JoinToken'),
  metadata: metadataSchema,
  spec: z.strictObject({ expiresAt: z.iso.datetime().nullable(), maxUses: z.int().nullable() }),
  status: z.strictObject({ uses: z.int(), revokedAt: z.iso.datetime().nullable() }),
});
export type JoinToken = z.infer<typeof joinTokenSchema>;

export const createJoinTokenSchema = z.strictObject({
  metadata: z.strictObject({ name: inputText(63).min(1).optional(), labels: labelsSchema.optional() }).optional(),
  spec: z
    .strictObject({
      /** 60 s to 1 year; one hour where absent. */
      expiresInSeconds: z.int().min(60).max(31_536_000).optional(),
      /** 1 where absent; null for no limit. */
      maxUses: z.int().min(1).max(100_000).nullable().optional(),
    })
    .optional(),
});
/** The token itself is shown once, here. */
export const createdJoinTokenSchema = z.strictObject({
  resource: joinTokenSchema,
  token: z.string(),
  /** The one line to paste on the host. */
  command: z.string(),
});
export type CreatedJoinToken = z.infer<typeof createdJoinTokenSchema>;
