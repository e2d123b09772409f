/** A host: a machine with a Berth agent and a container engine. */
import { z } from 'zod';
import { lastUpdateSchema } from './agent-update.ts';
import { drainSchema } from './drain.ts';
import { hostPolicySchema } from './host-policy.ts';
import { labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { inputText, reportedText } from './text.ts';
import { waitingSchema } from './waiting.ts';

/** What an agent finds out about its machine and engine. */
export const hostFactsSchema = z.object({
  hostname: reportedText,
  /** OCI platform: "linux/amd64". */
  platform: reportedText,
  kernel: reportedText,
  engine: z
    .object({
      name: reportedText,
      version: reportedText,
      apiVersion: reportedText,
      /** Hosts that say the same use one engine. Absent: an agent that does not say. */
      id: reportedText.optional(),
    })
    .nullable(),
  agentVersion: reportedText,
  /** Thousandths of a core. */
  cpuMillis: z.int(),
  memoryBytes: z.int(),
});
export type HostFacts = z.infer<typeof hostFactsSchema>;

/** `lost`: nothing was heard of it for so long that what may be is placed elsewhere. It is a host like any other once it is back. */
export const HOST_STATES = ['ready', 'not-ready', 'lost'] as const;
export type HostState = (typeof HOST_STATES)[number];

/** An agent beside this Berth: another build of its version, another version that speaks the same protocol, or one that speaks the protocol before. */
export const VERSION_SKEWS = ['unknown', 'none', 'build', 'version', 'protocol'] as const;

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
  /** By how much its clock was ahead of that of the api when its agent last spoke, in seconds; negative: behind. Null where its agent does not say. */
  clockOffsetSeconds: z.number().nullable(),
  /** What its runs used by their newest samples, summed; null where none of them has one of the last half minute. */
  used: z.strictObject({ cpuMillis: z.number(), memoryBytes: z.number(), at: z.iso.datetime() }).nullable(),
  /**
   * A host of another workspace had its engine before: runs that name no network are in the private one of this workspace, and not in the
   * engine's default one, where they would reach those of the other.
   */
  sharesEngine: z.boolean(),
  /** False: it gets no run before somebody approves it. */
  approved: z.boolean(),
  /** Since when it takes no new run, and who said so. */
  cordon: z.strictObject({ since: z.iso.datetime(), actor: z.string() }).nullable(),
  /** Of the agent: when it was last replaced, and since when it is refused. */
  key: z.strictObject({ changedAt: z.iso.datetime(), revokedAt: z.iso.datetime().nullable() }),
  /** What its policy file allows; null where its agent has not said. */
  policy: hostPolicySchema.nullable(),
  agent: z.strictObject({
    version: z.string().nullable(),
    /** The version of the agent protocol that it speaks; null where it never connected. */
    protocol: z.int().nullable(),
    skew: z.enum(VERSION_SKEWS),
    /** What the skew means. */
    message: z.string(),
    /** Why it cannot be updated from here, and the line to run on the host instead; null where it can. */
    fixed: z.strictObject({ message: z.string(), command: z.string() }).nullable(),
    /** The last update that it was in. */
    update: lastUpdateSchema.nullable(),
  }),
});

const hostSpecSchema = z.strictObject({
  /** It takes no new run; what runs there goes on. */
  cordoned: z.boolean(),
});

export const hostSchema = z.strictObject({
  kind: z.literal('Host'),
  metadata: metadataSchema,
  spec: hostSpecSchema,
  status: hostStatusSchema,
});
export type Host = z.infer<typeof hostSchema>;

/** What can be changed of a host; what is not named stays. */
export const updateHostSchema = z
  .strictObject({
    metadata: z
      .strictObject({
        name: resourceNameSchema.optional(),
        /** All of them: a label that is not named here is taken off. */
        labels: labelsSchema.optional(),
      })
      .optional(),
    spec: hostSpecSchema.partial().optional(),
  })
  .refine(({ metadata, spec }) => Object.keys({ ...metadata, ...spec }).length > 0, {
    message: 'must change something: metadata.name, metadata.labels or spec.cordoned',
  });
export type UpdateHost = z.infer<typeof updateHostSchema>;

/** What its engine has cached, by their familiar names and digests, as the agent last said. */
export const hostImagesSchema = z.strictObject({ items: z.array(z.string()) });
export type HostImages = z.infer<typeof hostImagesSchema>;

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
export type CreateJoinToken = z.infer<typeof createJoinTokenSchema>;
/** The token itself is shown once, here. */
export const createdJoinTokenSchema = z.strictObject({
  resource: joinTokenSchema,
  token: z.string(),
  /** The one line to paste on the host. */
  command: z.string(),
});
export type CreatedJoinToken = z.infer<typeof createdJoinTokenSchema>;
