/**
 * What agent and api say to each other over socket.io (namespace AGENT_NAMESPACE, path SOCKET_PATH). The agent dials.
 * One socket.io event each way, `message`, whose payload is a union discriminated by `type`, parsed at both ends (law L10).
 *
 * The order of a session:
 *   api → challenge · agent → hello (signed) · api → welcome · api → assign (full) · then heartbeats, reports, assigns.
 * A report is answered in socket.io's callback once it is durable; unanswered reports are sent again after a reconnect.
 * A call (call.ts) is answered in the callback too, and is not repeated.
 * The api drops what it already has: log bytes by offset, phases by the transition table.
 */
import { z } from 'zod';
import { agentBundleSchema } from '../model/agent-bundle.ts';
import { desiredSchema } from '../model/desired.ts';
import { hostFactsSchema } from '../model/host.ts';
import { hostPolicySchema } from '../model/host-policy.ts';
import { phaseSchema } from '../model/phase.ts';
import { pullSchema } from '../model/pull.ts';
import { reasonSchema } from '../model/reason.ts';
import { exitSchema, healthSchema, phaseTimesSchema, publishedPortSchema, runSpecSchema } from '../model/run.ts';
import { sampleSchema } from '../model/sample.ts';
import { inputText, reportedText } from '../model/text.ts';
import { blockSchema } from './block.ts';
import { callSchema } from './call.ts';
import { type Bytes, blockOf, isWhole, pack, textOf, unpack } from './packed.ts';
import { TEXT_BYTES } from './report-pace.ts';

/** What the agent signs with its ed25519 key to prove who it is. */
export const challengeText = (hostId: string, nonce: string): string => `berth-agent-v1:${hostId}:${nonce}`;

/** What it signs with its present key to have another one taken in its place. */
export const keyChangeText = (hostId: string, publicKey: string): string => `berth-agent-key-v1:${hostId}:${publicKey}`;

/** POST /v1/agents/enrol. Repeating it with the same public key returns the same host, and uses the token up only once. */
export const enrolRequestSchema = z.strictObject({
  joinToken: inputText(256).min(1),
  /** ed25519 public key, SPKI, PEM. */
  publicKey: inputText(1000).min(1),
  /** The wanted name of the host; made unique by a suffix where it is taken. */
  name: inputText(63).min(1),
  facts: hostFactsSchema,
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;
export const enrolResponseSchema = z.object({ hostId: z.string(), hostName: z.string(), workspace: z.string() });
export type EnrolResponse = z.infer<typeof enrolResponseSchema>;

/** Registry credentials for one pull; never written to the agent's disk (law L8). */
export const pullCredentialsSchema = z.object({ server: z.string(), username: z.string(), password: z.string() });

/** The value of a secret that the spec names, for one attempt; never written to the agent's disk (law L8). */
export const secretValueSchema = z.object({
  secret: z.string(),
  version: z.int(),
  /** Null: it is no longer there. */
  value: z.string().nullable(),
  /** It is no secret: it is not masked. */
  visible: z.boolean(),
});
export type SecretValue = z.infer<typeof secretValueSchema>;

/** One attempt that this host shall have. */
export const assignmentSchema = z.object({
  attemptId: z.string(),
  runId: z.string(),
  runName: z.string(),
  workspaceId: z.string(),
  spec: runSpecSchema,
  /** Every port of the spec with its host port chosen. */
  ports: z.array(publishedPortSchema),
  /** `pause`: from version 2 on. */
  desired: desiredSchema,
  /** The last phase that the api knows: an agent that lost its ledger starts nothing that was already running. */
  phase: phaseSchema,
  /** From version 3 on: how often the api knows that its container was started again. */
  restarts: z.int().default(0),
  /** From version 3 on: how often somebody asked for a restart. */
  restartRequests: z.int().default(0),
  credentials: pullCredentialsSchema.nullable(),
  /** From version 4 on: stop it once the api was not heard for so long, and start it again only when the set is confirmed anew. */
  fenceAfterSeconds: z.number().optional(),
  /** From version 5 on: the volumes of its spec. */
  volumes: z.array(z.object({ name: z.string(), id: z.string() })).optional(),
  /** From version 5 on: by which names it is found in the network of its workspace. */
  aliases: z.array(z.string()).optional(),
  /** From version 5 on: of every secret of its spec. */
  secrets: z.array(secretValueSchema).optional(),
});
export type Assignment = z.infer<typeof assignmentSchema>;

/** Bytes of each stream that are stored: the agent sends from here on. */
export const logOffsetsSchema = z.object({ attemptId: z.string(), stdout: z.int().min(0), stderr: z.int().min(0) });
export type LogOffsets = z.infer<typeof logOffsetsSchema>;

const assignSchema = z.discriminatedUnion('mode', [
  /** The whole set: what is not in it is no longer assigned here. */
  z.object({ type: z.literal('assign'), mode: z.literal('full'), generation: z.int(), put: z.array(assignmentSchema) }),
  /** What changed after `base`; answered with accepted false where the agent's generation is another one. */
  z.object({
    type: z.literal('assign'),
    mode: z.literal('delta'),
    base: z.int(),
    generation: z.int(),
    put: z.array(assignmentSchema),
    /** No longer assigned: stop and remove it if it runs. `removeContainer`: remove it also if it has exited. */
    drop: z.array(z.object({ attemptId: z.string(), removeContainer: z.boolean() })),
  }),
]);

/** Attempts in one message. */
export const MAX_WATCHED = 1000;
export const MAX_SAMPLES = 2000;

export const apiToAgentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: z.string(), protocol: z.object({ oldest: z.int(), newest: z.int() }) }),
  z.object({ type: z.literal('welcome'), sessionId: z.string(), heartbeatSeconds: z.number(), logs: z.array(logOffsetsSchema) }),
  /** Not this agent, ever (removed, wrong key, too old): stop dialling until somebody acts. */
  z.object({
    type: z.literal('refused'),
    code: z.enum(['unknown-host', 'bad-signature', 'agent-too-old', 'replaced']),
    message: z.string(),
  }),
  assignSchema,
  /** From version 2 on. Answered in the callback by a CallAnswer. `attemptId`: of a transfer of a volume, the volume's id. */
  z.object({ type: z.literal('call'), attemptId: z.string(), call: callSchema }),
  /** From version 3 on. Somebody watches what these attempts use: a sample a second, until the lease is over. */
  z.object({ type: z.literal('watch'), attemptIds: z.array(z.string()).max(MAX_WATCHED), leaseSeconds: z.number() }),
]);
export type ApiToAgent = z.infer<typeof apiToAgentSchema>;

export const MAX_REPORT_EXITS = 100;

export const engineStateSchema = z.object({ ready: z.boolean(), message: reportedText });

export const attemptReportSchema = z.object({
  attemptId: reportedText,
  phase: phaseSchema,
  reason: reasonSchema,
  message: reportedText,
  /** When the agent saw it, by the host's clock. */
  at: z.iso.datetime(),
  containerId: reportedText.nullable(),
  imageDigest: reportedText.nullable(),
  exitCode: z.int().nullable(),
  signal: reportedText.nullable(),
  oomKilled: z.boolean(),
  /** From the engine. */
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** Phases that were passed since the report before, and when: phases that follow one another fast go up as one. */
  passed: phaseTimesSchema.optional(),
  /** From version 3 on. Starts after the first one; the pair of restarts and phase never moves backwards. */
  restarts: z.int().min(0).optional(),
  restartAt: z.iso.datetime().nullish(),
  /** Ends before a restart that are not acknowledged yet, the newest of them. */
  exits: z
    .array(exitSchema.extend({ message: reportedText }))
    .max(MAX_REPORT_EXITS)
    .optional(),
  health: healthSchema.extend({ output: reportedText }).nullish(),
  /** From version 4 on. Something that may pass is in its way: it is tried again until then. */
  retryUntil: z.iso.datetime().nullish(),
});
export type AttemptReport = z.infer<typeof attemptReportSchema>;

const logHeadSchema = z.object({
  attemptId: reportedText,
  stream: z.enum(['stdout', 'stderr']),
  /** Bytes of this stream before this piece. The api stores only what lies beyond what it has, and refuses a gap. */
  offset: z.int().min(0),
  at: z.iso.datetime(),
  /** Bytes of this piece in the report's block. */
  length: z.int().min(0),
  /** More than 0: so many bytes are lost here (rotation took them, say); the piece is empty and the offset moves on by this number. */
  dropped: z.int().min(0),
  droppedReason: reportedText.nullable(),
  /** From version 4 on: how many are lost is not known; there may be more of them than `dropped`, or none. */
  droppedAtLeast: z.boolean().optional(),
});
/** A piece of output with its bytes. */
export type LogReport = Omit<z.infer<typeof logHeadSchema>, 'length'> & { data: Bytes };

export const pullReportSchema = z.object({ attemptId: reportedText, pull: pullSchema });

/** Of output in one report. */
export const MAX_REPORT_LOG_BYTES = 1024 * 1024;
/** Pieces have heads: where streams alternate with every byte, the heads weigh more than the bytes. */
export const MAX_REPORT_LOG_PIECES = 2000;

export const agentToApiSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    hostId: reportedText,
    protocol: z.int(),
    /** ed25519 over challengeText(hostId, nonce), base64. */
    signature: reportedText,
    /** New with every start of the agent's process. */
    instanceId: reportedText,
    facts: hostFactsSchema,
    engine: engineStateSchema,
    /** Generation of the ledger; 0 where there is none. */
    generation: z.int(),
    /** Familiar names and digests of the images on the host, at most 500. */
    images: z.array(reportedText).max(500),
    /** From version 4 on: what its policy file allows. */
    policy: hostPolicySchema.optional(),
    /** From version 4 on. */
    bundle: agentBundleSchema.optional(),
    /** By the clock of the host. Absent: an agent that does not say. */
    at: z.iso.datetime().optional(),
  }),
  /** From version 4 on answered in the callback, once it is stored: until then the api may not count it as a sign. */
  z.object({
    type: z.literal('heartbeat'),
    engine: engineStateSchema,
    /** Null: as last said. */ images: z.array(reportedText).max(500).nullable(),
    /** As in `hello`. */ at: z.iso.datetime().optional(),
  }),
  /** From version 3 on. Not answered, not repeated. `stored`: one of those that are kept, each 10 s; else one for who watches. */
  z.object({
    type: z.literal('stats'),
    samples: z.array(sampleSchema.extend({ attemptId: reportedText, stored: z.boolean() })).max(MAX_SAMPLES),
  }),
  /** From version 4 on. Answered in the callback by a TailsAnswer, and not repeated. */
  z.object({ type: z.literal('tails'), attemptId: reportedText }),
  z.object({ type: z.literal('assigned'), generation: z.int(), accepted: z.boolean() }),
  /** Applied in one transaction, logs before phases: an end is never seen before the output that led to it. At most 1 MiB of log data. */
  z
    .object({
      type: z.literal('report'),
      pulls: z.array(pullReportSchema),
      logs: z.array(logHeadSchema).max(MAX_REPORT_LOG_PIECES),
      /** The bytes of all of `logs`, one after the other. A few of them as base64, and only to an api that asks to gather. */
      data: z.union([blockSchema, z.base64().max((TEXT_BYTES / 3) * 4)]),
      phases: z.array(attemptReportSchema),
      /** The generation that the agent confirms by it, as `assigned` does. Only to an api that asks to gather. */
      assigned: z.int().optional(),
    })
    .refine(({ logs, data }) => isWhole(logs, data), 'the lengths of the logs do not add up to their bytes'),
]);
export type AgentToApi = z.infer<typeof agentToApiSchema>;
export type AttemptSample = AgentMessage<'stats'>['samples'][number];
export type AgentMessage<T extends AgentToApi['type']> = Extract<AgentToApi, { type: T }>;
/** A report with the bytes of each piece of log at hand; on the wire they are one block. */
export type Report = Omit<AgentMessage<'report'>, 'logs' | 'data'> & { logs: LogReport[] };
/** `asText`: few bytes of log go as text. */
export function packReport({ logs, ...report }: Report, asText = false): AgentMessage<'report'> {
  const { heads, data } = pack(logs);
  return { ...report, logs: heads, data: asText && data.length <= TEXT_BYTES ? textOf(data) : data };
}
export function unpackReport({ logs, data, ...report }: AgentMessage<'report'>): Report {
  return { ...report, logs: unpack(logs, blockOf(data)) };
}
export type ApiMessage<T extends ApiToAgent['type']> = Extract<ApiToAgent, { type: T }>;

/** The callback's answer to a report. `ok` false: keep it and send it again after `retryInMs`. */
export const reportAnswerSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    /** For every attempt with log data in the report: what is stored now. */
    logs: z.array(logOffsetsSchema),
    /** Attempts of the report that are no longer this host's: stop reporting them. */
    unknown: z.array(z.string()),
    /**
     * Many agents report much: for GATHER_FOR_MS what is not an end is to wait so many milliseconds for what comes with it, and a
     * confirmation CONFIRM_WAITS_MS; few bytes of log are to come as text. Absent: none of it.
     */
    gatherMs: z.int().min(0).optional(),
    /** The host was seen by this report, as by a heartbeat. Absent: it was not, or its state may be another one now. */
    seen: z.literal(true).optional(),
  }),
  z.object({ ok: z.literal(false), retryInMs: z.int(), message: z.string() }),
]);
export type ReportAnswer = z.infer<typeof reportAnswerSchema>;

/** Of a stream's last bytes, by which an agent finds its place in the engine's record; more than a message of the record (16 KiB) has. */
export const TAIL_BYTES = 20 * 1024;

/** The callback's answer to `tails`. `ok` false: ask again. */
export const tailsAnswerSchema = z.discriminatedUnion('ok', [
  z
    .object({
      ok: z.literal(true),
      /** Of each stream of which something is stored. */
      tails: z.array(
        z.object({
          stream: z.enum(['stdout', 'stderr']),
          /** Bytes of the stream that are stored: where its tail ends. */
          offset: z.int().min(0),
          /** When the last of them were written; null where that is no longer known. */
          at: z.iso.datetime().nullable(),
          /** Bytes in the block: none where what is stored last is a gap, or was removed. */
          length: z.int().min(0),
        }),
      ),
      data: blockSchema,
    })
    .refine(({ tails, data }) => isWhole(tails, data), 'the lengths of the tails do not add up to their bytes'),
  z.object({ ok: z.literal(false), message: z.string() }),
]);
export type TailsAnswer = z.infer<typeof tailsAnswerSchema>;
