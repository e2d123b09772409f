/** The contract of a run: what a user writes (spec) and what Berth writes (status). Field names as in Kubernetes and Docker. */
import { z } from 'zod';
import { capabilitySchema } from './capability.ts';
import { desiredSchema } from './desired.ts';
import { parseImageReference } from './image-reference.ts';
import { labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { phaseSchema } from './phase.ts';
import { placementSchema } from './placement.ts';
import { concurrencySchema, placementRulesSchema, prioritySchema } from './placement-rules.ts';
import { plainPath } from './plain-path.ts';
import { pullSchema } from './pull.ts';
import { cpuSchema, memorySchema, sizeSchema } from './quantity.ts';
import { reasonSchema } from './reason.ts';
import { secretClashes, secretUsesSchema } from './secret-use.ts';
import { stopSignalSchema } from './signal.ts';
import { inputText } from './text.ts';
import { waitingSchema } from './waiting.ts';

/** Where a placement picks a host port when the spec names none (Kubernetes' NodePort range). */
export const HOST_PORT_POOL = { first: 30000, last: 32767 } as const;
export const DEFAULT_STOP_GRACE_SECONDS = 10;
const MAX_TEXT = 32_768;

export const imageSchema = z.string().superRefine((text, context) => {
  const parsed = parseImageReference(text);
  if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.message });
});

const time = z.iso.datetime().nullable();

const port = z.int().min(1).max(65535);
export const portSchema = z.strictObject({
  containerPort: port,
  /** Chosen from HOST_PORT_POOL where absent. */
  hostPort: port.optional(),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
});

const portsSchema = z
  .array(portSchema)
  .max(100)
  .superRefine((ports, context) => {
    const seen = new Set<string>();
    ports.forEach((entry, index) => {
      if (entry.hostPort === undefined) return;
      const key = `${entry.hostPort}/${entry.protocol}`;
      if (seen.has(key)) context.addIssue({ code: 'custom', path: [index, 'hostPort'], message: `host port ${key} is named twice` });
      seen.add(key);
    });
  });

const envSchema = z.record(inputText(MAX_TEXT).regex(/^[^=]+$/, 'a variable name has no "=" in it and is not empty'), inputText(MAX_TEXT));

const argumentsSchema = z.array(inputText(MAX_TEXT)).max(1000);

const hostName = z
  .string()
  .max(253)
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    'must be a host name: letters, digits and "-", its parts separated by "."',
  );

/** File systems in memory, which counts to the container's. */
const tmpfsSchema = z
  .array(
    z.strictObject({
      path: inputText(4096).regex(/^\/[^:,]+$/, 'must be an absolute path, other than "/", without ":" and ","'),
      /** Half of the host's memory where absent. */
      size: sizeSchema.optional(),
    }),
  )
  .max(50)
  .superRefine((mounts, context) => {
    mounts.forEach(({ path }, index) => {
      if (mounts.findIndex((other) => other.path === path) < index)
        context.addIssue({ code: 'custom', path: [index, 'path'], message: `${path} is named twice` });
    });
  });

const absolutePath = inputText(4096).regex(/^\//, 'must be an absolute path');

/** Folders and files of the host in the container. They must be there: none is made. */
const mountsSchema = z
  .array(
    z.strictObject({
      source: absolutePath,
      target: absolutePath.regex(/[^/]/, 'must be a path other than "/"'),
      readOnly: z.boolean().optional(),
    }),
  )
  .max(50)
  .superRefine((mounts, context) => {
    mounts.forEach(({ target }, index) => {
      if (mounts.findIndex((other) => other.target === target) < index)
        context.addIssue({ code: 'custom', path: [index, 'target'], message: `${target} is named twice` });
    });
  });

/** Named volumes of the workspace. One that is not there yet is made with the run, as docker run does it. */
const volumesSchema = z
  .array(
    z.strictObject({
      /** The name of the volume. */
      volume: resourceNameSchema,
      target: absolutePath.regex(/[^/]/, 'must be a path other than "/"').regex(/^[^:,]+$/, 'must be without ":" and ","'),
      readOnly: z.boolean().optional(),
    }),
  )
  .max(50);

/** What is done when its container ends by itself. A stop, a kill or a time-out that is over ends the run in any case. */
const restartSchema = z
  .strictObject({
    policy: z.enum(['never', 'on-failure', 'always']),
    /** Restarts one after the other, without ten good minutes between; as many as it takes where absent. */
    maxRetries: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(({ policy, maxRetries }) => maxRetries === undefined || policy === 'on-failure', {
    path: ['maxRetries'],
    message: 'counts only with the policy on-failure',
  });
/** The pause before a restart: the first, and the longest; it doubles from one to the next. Ten good minutes begin anew. */
export const RESTART_PAUSE_SECONDS = { first: 1, most: 300, resetAfter: 600 } as const;

const healthcheckSchema = z
  .strictObject({
    /** The check of the image is not made either. */
    disabled: z.literal(true).optional(),
    /** Run in the container; healthy where it exits with 0. That of the image where absent. */
    command: argumentsSchema.min(1).optional(),
    /** From the end of one check to the next; 30 where absent. */
    intervalSeconds: z.int().min(1).max(86_400).optional(),
    /** A check that takes longer has failed; 30 where absent. */
    timeoutSeconds: z.int().min(1).max(86_400).optional(),
    /** So many failures one after the other are unhealthy; 3 where absent. */
    retries: z.int().min(1).max(1000).optional(),
    /** Failures in the first seconds do not count; 0 where absent. */
    startPeriodSeconds: z.int().min(0).max(86_400).optional(),
  })
  .refine(({ disabled, ...rest }) => disabled === undefined || Object.keys(rest).length === 0, {
    path: ['disabled'],
    message: 'stands alone: a check that is not made has nothing to be set',
  });

/** What becomes of a run whose host is lost. */
export const ON_HOST_LOST = ['wait', 'replace'] as const;
export type OnHostLost = (typeof ON_HOST_LOST)[number];

const specFields = z.strictObject({
  image: imageSchema,
  /** Replaces the image's ENTRYPOINT. */
  command: argumentsSchema.min(1).optional(),
  /** Replaces the image's CMD. */
  args: argumentsSchema.optional(),
  env: envSchema.optional(),
  /** Values of the workspace's secrets, as variables or as files in memory. */
  secrets: secretUsesSchema.optional(),
  workingDir: inputText(4096).regex(/^\//, 'must be an absolute path').optional(),
  /** A name or number, optionally with a group: "app", "1000:1000". */
  user: inputText(256).min(1).optional(),
  ports: portsSchema.optional(),
  /** Reserved on the host, and the limit of the container. */
  resources: z
    .strictObject({
      cpu: cpuSchema.optional(),
      memory: memorySchema.optional(),
      /** Processes and threads that it may have at once. */
      pids: z.int().min(1).max(4_194_304).optional(),
    })
    .optional(),
  /** As the container sees itself; its id where absent. */
  hostname: hostName.optional(),
  /** A first process that reaps orphans and passes signals on. */
  init: z.boolean().optional(),
  /** The root file system cannot be written to; what has to be goes on a tmpfs. */
  readOnlyRootFilesystem: z.boolean().optional(),
  tmpfs: tmpfsSchema.optional(),
  /** More lines of /etc/hosts: a name and its address; "host-gateway" is the host itself. */
  extraHosts: z
    .record(
      hostName,
      z.union([z.ipv4(), z.ipv6(), z.literal('host-gateway')], 'must be an IP address, or "host-gateway" for the host itself'),
    )
    .refine((hosts) => Object.keys(hosts).length <= 100, 'at most 100 names')
    .optional(),
  /** All that the host may: its devices, its kernel. Only where the policy of a host allows it, as the three below. */
  privileged: z.boolean().optional(),
  capabilities: z
    .strictObject({ add: z.array(capabilitySchema).max(50).optional(), drop: z.array(capabilitySchema).max(50).optional() })
    .optional(),
  /** `host`: the network of the host instead of one of its own. */
  /**
   * `host`: the network of the host instead of one of its own. `workspace`: the private network of the workspace on the host, in which names of
   * runs and services resolve; replicas of services are in it where absent, other runs in the engine's own.
   */
  network: z.enum(['host', 'workspace']).optional(),
  mounts: mountsSchema.optional(),
  /** Its data outlives the run; it lies on one host, and the run is placed there. */
  volumes: volumesSchema.optional(),
  tty: z.boolean().optional(),
  /** Its standard input stays open, whether somebody writes to it or not; otherwise it is at its end from the start. */
  stdin: z.boolean().optional(),
  /** Its standard input can be ended, and ends with the agent that wrote to it. Of no meaning with a tty, where the end is a key: Ctrl-D. */
  stdinOnce: z.boolean().optional(),
  stopSignal: stopSignalSchema.optional(),
  /** Seconds between the stop signal and the kill; 10 where absent. */
  stopGracePeriodSeconds: z.int().min(0).max(86_400).optional(),
  /** Seconds that the container may run; then it is stopped and the run ends as failed, `timed-out`. */
  timeoutSeconds: z.int().min(1).max(31_536_000).optional(),
  /** Seconds after its end until the run is removed, with its log and its container; kept where absent. */
  ttlSecondsAfterFinished: z.int().min(0).max(31_536_000).optional(),
  pullPolicy: z.enum(['always', 'if-not-present', 'never']).optional(),
  /** Never where absent. */
  restart: restartSchema.optional(),
  healthcheck: healthcheckSchema.optional(),
  /**
   * `wait` (where absent): at most once, ever. It waits until its host is back, or a person says that the host is gone.
   * `replace`: it is placed on another host once its own counts as lost; for a while both may run.
   */
  onHostLost: z.enum(ON_HOST_LOST).optional(),
  /** Seconds without a sign of its host until the run is replaced; as the installation has it where absent. */
  hostLostAfterSeconds: z.int().min(10).max(604_800).optional(),
  /** Its agent stops it itself when it is cut off from Berth, in time before it is replaced: then two run at once only where the agent is dead and its host is not. */
  selfFence: z.boolean().optional(),
  /** Which hosts it may have; any where absent. */
  placement: placementRulesSchema.optional(),
  /** Of two that wait, the one with the higher goes first; 0 where absent. */
  priority: prioritySchema.optional(),
  /** It waits while as many with its key are under way. */
  concurrency: concurrencySchema.optional(),
});
export const runSpecSchema = specFields
  .refine(({ stdin, stdinOnce }) => stdin || !stdinOnce, {
    path: ['stdinOnce'],
    message: 'needs stdin as well',
  })
  .superRefine(({ volumes = [], mounts = [], tmpfs = [] }, context) => {
    const others = [...mounts.map(({ target }) => target), ...tmpfs.map(({ path }) => path)].map(plainPath);
    const targets = volumes.map(({ target }) => plainPath(target));
    targets.forEach((target, index) => {
      if (!others.includes(target) && targets.indexOf(target) === index) return;
      context.addIssue({ code: 'custom', path: ['volumes', index, 'target'], message: `${target} is named twice` });
    });
  })
  .superRefine((spec, context) => {
    for (const clash of secretClashes(spec)) context.addIssue({ code: 'custom', ...clash });
  });
export type RunSpec = z.infer<typeof runSpecSchema>;

export const createRunSchema = z.strictObject({
  metadata: z.strictObject({ name: resourceNameSchema.optional(), labels: labelsSchema.optional() }).optional(),
  spec: runSpecSchema
    .refine(({ selfFence, onHostLost }) => selfFence !== true || onHostLost === 'replace', {
      path: ['selfFence'],
      message: 'counts only with onHostLost: replace',
    })
    .refine(({ network, ports }) => network !== 'host' || (ports ?? []).length === 0, {
      path: ['ports'],
      message: 'are those of the host with network: host; there is nothing to publish',
    }),
});
export type CreateRun = z.infer<typeof createRunSchema>;

/** What can be changed of a run that exists: what it is called and how it is marked. What it runs stays as it was asked for. */
export const updateRunSchema = z.strictObject({
  metadata: z
    .strictObject({
      name: resourceNameSchema.optional(),
      /** All of them: a label that is not named here is taken off. */
      labels: labelsSchema.optional(),
    })
    .refine(({ name, labels }) => name !== undefined || labels !== undefined, 'must have a name, labels, or both'),
});
export type UpdateRun = z.infer<typeof updateRunSchema>;

export const publishedPortSchema = z.strictObject({
  containerPort: port,
  hostPort: port,
  protocol: z.enum(['tcp', 'udp']),
});
export type PublishedPort = z.infer<typeof publishedPortSchema>;

/** When each phase was entered, by the api's or the agent's clock; absent where it was skipped. */
export const phaseTimesSchema = z.partialRecord(phaseSchema, z.iso.datetime());

/** An end of a container that was started again. */
export const exitSchema = z.strictObject({
  /** 1 for the first one of an attempt. */
  number: z.int().min(1),
  reason: reasonSchema,
  message: z.string(),
  exitCode: z.int(),
  signal: z.string().nullable(),
  oomKilled: z.boolean(),
  startedAt: time,
  finishedAt: time,
});
export type Exit = z.infer<typeof exitSchema>;
/** Exits that an attempt shows; all of them are among the events. */
export const SHOWN_EXITS = 20;

/** What the health check says. */
export const healthSchema = z.strictObject({
  status: z.enum(['starting', 'healthy', 'unhealthy']),
  /** Failures one after the other, when the status was last seen to change. */
  failingStreak: z.int().min(0),
  /** What the last check wrote, its first 1000 characters. */
  output: z.string(),
});
export type Health = z.infer<typeof healthSchema>;

export const attemptSchema = z.strictObject({
  id: z.string(),
  /** 1 for the first attempt of a run. */
  number: z.int().min(1),
  hostId: z.string(),
  hostName: z.string(),
  phase: phaseSchema,
  reason: reasonSchema,
  message: z.string(),
  containerId: z.string().nullable(),
  ports: z.array(publishedPortSchema),
  placement: placementSchema.nullable(),
  pull: pullSchema.nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  oomKilled: z.boolean(),
  /** How often its container was started again. */
  restarts: z.int().min(0),
  /** When it is started again; null where it does not wait for that. */
  restartAt: time,
  /** Its last ends that were not its last, the newest first. */
  exits: z.array(exitSchema).max(SHOWN_EXITS),
  /** Null without a check, and while it does not run. */
  health: healthSchema.nullable(),
  phaseTimes: phaseTimesSchema,
  createdAt: z.iso.datetime(),
  startedAt: time,
  finishedAt: time,
});
export type Attempt = z.infer<typeof attemptSchema>;

export const runStatusSchema = z.strictObject({
  phase: phaseSchema,
  reason: reasonSchema,
  /** A sentence for people. */
  message: z.string(),
  /** Null unless the run waits for something (law L6). */
  waiting: waitingSchema.nullable(),
  /** What was last asked for. */
  desired: desiredSchema,
  /** How often the container of its present attempt was started again. */
  restarts: z.int().min(0),
  health: healthSchema.shape.status.nullable(),
  exitCode: z.int().nullable(),
  /** "SIGKILL"; null where no signal ended it. */
  signal: z.string().nullable(),
  oomKilled: z.boolean(),
  image: z.strictObject({ reference: z.string(), digest: z.string().nullable() }),
  hostId: z.string().nullable(),
  hostName: z.string().nullable(),
  observedGeneration: z.int(),
  startedAt: time,
  finishedAt: time,
  /** Bytes of output stored, stdout and stderr together. */
  logBytes: z.int(),
  phaseTimes: phaseTimesSchema,
  attempts: z.array(attemptSchema),
  /** The schedule that started it, and for which time; null where somebody asked for it then. Absent: none did. */
  schedule: z.strictObject({ id: z.string(), name: z.string(), scheduledAt: time }).optional(),
  /** The run array that it is of, and its place there, from 0. Absent: none. */
  array: z.strictObject({ id: z.string(), name: z.string(), index: z.int().min(0) }).optional(),
});
export type RunStatus = z.infer<typeof runStatusSchema>;

export const runSchema = z.strictObject({
  kind: z.literal('Run'),
  metadata: metadataSchema,
  spec: runSpecSchema,
  status: runStatusSchema,
});
export type Run = z.infer<typeof runSchema>;
