/**
 * The contract of a service: N runs of one template, kept at count and rolled from one template to the next.
 * `spec` is what was asked for, `status` what is so, with observedGeneration and conditions as Kubernetes' API conventions have them.
 */
import { z } from 'zod';
import { labelKeySchema, labelsSchema, metadataSchema, resourceNameSchema } from './metadata.ts';
import { phaseSchema } from './phase.ts';
import { createRunSchema, healthSchema, publishedPortSchema, runSpecSchema } from './run.ts';
import { inputText } from './text.ts';

export const MOST_REPLICAS = 1000;
const replicas = z.int().min(0).max(MOST_REPLICAS);

/** What a replica is: a run's spec and labels. Absent fields of it are as in `replicaDefaults` (a service is there to go on). */
export const serviceTemplateSchema = z.strictObject({
  labels: labelsSchema.optional(),
  spec: createRunSchema.shape.spec.superRefine((spec, context) => {
    const refuse = (field: 'ttlSecondsAfterFinished' | 'timeoutSeconds' | 'concurrency', message: string) => {
      if (spec[field] !== undefined) context.addIssue({ code: 'custom', path: [field], message });
    };
    refuse('ttlSecondsAfterFinished', 'is of no meaning in a service: its replicas are replaced when they end');
    refuse('timeoutSeconds', 'is of no meaning in a service: a replica runs until it is replaced');
    refuse('concurrency', 'is of no meaning in a service: replicas says how many there are');
  }),
});
export type ServiceTemplate = z.infer<typeof serviceTemplateSchema>;

/** How it gets from one template to the next. */
export const updateStrategySchema = z
  .strictObject({
    /** `start-first`: the new replica is ready before the old one is stopped. `stop-first`: the other way round, without a replica more than asked for. */
    order: z.enum(['start-first', 'stop-first']).optional(),
    /** Replicas beyond the count while it rolls; 1 where absent and start-first, 0 where stop-first. */
    maxSurge: replicas.optional(),
    /** Replicas that may be missing while it rolls; 0 where absent and start-first, 1 where stop-first. */
    maxUnavailable: replicas.optional(),
    /** So many are replaced first; then it waits for a word (promote or roll back). None where absent. */
    canary: replicas.optional(),
    /** Seconds that a replica must have been ready to count as available; 0 where absent. */
    minReadySeconds: z.int().min(0).max(3600).optional(),
    /** Without progress for so long, a roll-out has failed; 600 where absent. */
    progressDeadlineSeconds: z.int().min(1).max(86_400).optional(),
    /** Seconds between the moment when the proxy sends a replica nothing new and its stop; 5 where absent and the service has routes, else 0. */
    drainSeconds: z.int().min(0).max(3600).optional(),
    /** What a failed roll-out does; back to the last good revision where absent. */
    onFailure: z.enum(['roll-back', 'pause']).optional(),
  })
  .refine(
    ({ order, maxSurge, maxUnavailable }) => {
      const [surge, unavailable] = order === 'stop-first' ? [0, 1] : [1, 0];
      return (maxSurge ?? surge) > 0 || (maxUnavailable ?? unavailable) > 0;
    },
    { path: ['maxUnavailable'], message: 'cannot be 0 where maxSurge is 0, too: nothing could be replaced' },
  );
export type UpdateStrategy = z.infer<typeof updateStrategySchema>;

const percent = z.int().min(1).max(1000);
export const autoscaleSchema = z
  .strictObject({
    min: z.int().min(1).max(MOST_REPLICAS),
    max: z.int().min(1).max(MOST_REPLICAS),
    /** Mean use of all ready replicas that it aims at, in per cent of the template's resources. */
    cpuPercent: percent.optional(),
    memoryPercent: percent.optional(),
    /** It goes up to the least, and down to the most, of what was wanted in so many seconds; 0 and 300 where absent. */
    scaleUpWindowSeconds: z.int().min(0).max(3600).optional(),
    scaleDownWindowSeconds: z.int().min(0).max(3600).optional(),
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], message: 'must be at least min' })
  .refine(({ cpuPercent, memoryPercent }) => cpuPercent !== undefined || memoryPercent !== undefined, {
    path: ['cpuPercent'],
    message: 'name cpuPercent, memoryPercent, or both: there is nothing to scale by',
  });
export type Autoscale = z.infer<typeof autoscaleSchema>;

/** A domain that leads to the ready replicas, through the proxy that the installation has (docs/decisions/0058). */
export const routeSchema = z.strictObject({
  domain: z
    .string()
    .max(253)
    .regex(
      /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
      'must be a domain in lower case: "app.example.com", "*.example.com"',
    ),
  /** Only what is below it; all where absent. */
  path: inputText(1024)
    .regex(/^\/[^\s*?#]*$/, 'must be a path: "/api"')
    .optional(),
  /** Of the container; one of the template's TCP ports. */
  port: z.int().min(1).max(65535),
  /** `auto`: a certificate is had and renewed by the proxy (ACME). `internal`: one of the proxy's own authority. `off`: plain HTTP. */
  tls: z.enum(['auto', 'internal', 'off']).optional(),
});
export type Route = z.infer<typeof routeSchema>;

export const serviceSpecSchema = z
  .strictObject({
    /** Where `autoscale` is set: what it begins with. 1 where absent. */
    replicas: replicas.optional(),
    template: serviceTemplateSchema,
    update: updateStrategySchema.optional(),
    /** Nothing is rolled; what ends is replaced, and the count is kept. */
    paused: z.boolean().optional(),
    autoscale: autoscaleSchema.optional(),
    /** At most so many are taken away at once when a host is drained; 1 where absent. */
    disruption: z.strictObject({ maxUnavailable: z.int().min(1).max(MOST_REPLICAS) }).optional(),
    /** Its replicas rather go where this label of the hosts has another value; apart by hosts where absent. */
    spreadOver: labelKeySchema.optional(),
    routes: z.array(routeSchema).max(50).optional(),
  })
  .superRefine(({ autoscale, template, routes }, context) => {
    (routes ?? []).forEach(({ domain, path, port }, index) => {
      const at = (field: string, message: string) => context.addIssue({ code: 'custom', path: ['routes', index, field], message });
      const published = template.spec.ports?.some(({ containerPort, protocol }) => containerPort === port && protocol !== 'udp');
      if (!published) at('port', `is not published: add container port ${port} to the ports of the template (template.spec.ports)`);
      const twice = (routes ?? []).findIndex((other) => other.domain === domain && (other.path ?? '/') === (path ?? '/'));
      if (twice < index) at('domain', `${domain}${path ?? ''} is named twice`);
    });
    const { cpu, memory } = template.spec.resources ?? {};
    const need = (field: string) => `needs template.spec.resources.${field}: it is a per cent of that`;
    if (autoscale?.cpuPercent !== undefined && cpu === undefined)
      context.addIssue({ code: 'custom', path: ['autoscale', 'cpuPercent'], message: need('cpu') });
    if (autoscale?.memoryPercent !== undefined && memory === undefined)
      context.addIssue({ code: 'custom', path: ['autoscale', 'memoryPercent'], message: need('memory') });
  });
export type ServiceSpec = z.infer<typeof serviceSpecSchema>;

export const createServiceSchema = z.strictObject({
  metadata: z.strictObject({
    /** At most 55 characters: its replicas have it with their number. */
    name: resourceNameSchema.max(55),
    labels: labelsSchema.optional(),
  }),
  spec: serviceSpecSchema,
});
export type CreateService = z.infer<typeof createServiceSchema>;

/** The whole spec, as with PUT; or only the labels. */
export const updateServiceSchema = z
  .strictObject({ metadata: z.strictObject({ labels: labelsSchema.optional() }).optional(), spec: serviceSpecSchema.optional() })
  .refine(({ metadata, spec }) => metadata?.labels !== undefined || spec !== undefined, 'must have spec, metadata.labels, or both');
export type UpdateService = z.infer<typeof updateServiceSchema>;

export const CONDITIONS = ['Available', 'Progressing', 'Paused', 'AutoscaleActive', 'Routed'] as const;
export const conditionSchema = z.strictObject({
  type: z.enum(CONDITIONS),
  status: z.enum(['True', 'False', 'Unknown']),
  /** One word, for programs. */
  reason: z.string(),
  /** A sentence for people. */
  message: z.string(),
  lastTransitionTime: z.iso.datetime(),
});
export type Condition = z.infer<typeof conditionSchema>;

/** What the roll-out of the present template does. */
export const ROLLOUT_STATES = ['done', 'rolling', 'canary', 'paused', 'failed', 'rolled-back'] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

export const replicaSchema = z.strictObject({
  runId: z.string(),
  runName: z.string(),
  slot: z.int(),
  revision: z.int(),
  phase: phaseSchema,
  ready: z.boolean(),
  /** Its stop was asked for. */
  ending: z.boolean(),
  health: healthSchema.shape.status.nullable(),
  restarts: z.int(),
  hostId: z.string().nullable(),
  hostName: z.string().nullable(),
  ports: z.array(publishedPortSchema),
  message: z.string(),
  /** Fields in which it differs from what the service asks for now. */
  drift: z.array(z.strictObject({ path: z.string(), asked: z.string(), is: z.string() })),
  createdAt: z.iso.datetime(),
});
export type Replica = z.infer<typeof replicaSchema>;

export const serviceStatusSchema = z.strictObject({
  observedGeneration: z.int(),
  /** How many there are to be now: of the spec, or of its autoscaler. */
  desired: z.int(),
  /** That are there and not on their way out. */
  replicas: z.int(),
  ready: z.int(),
  /** Ready for minReadySeconds. */
  available: z.int(),
  /** Of the target revision. */
  updated: z.int(),
  /** Of the spec's template. */
  revision: z.int(),
  /** What it is rolled to: the last good one after a roll-back. */
  targetRevision: z.int(),
  rollout: z.enum(ROLLOUT_STATES),
  /** What it is doing, and why, in one sentence (law L6). */
  message: z.string(),
  /** Of the target revision: all of its replicas have exactly this image. Null until it is known. */
  image: z.strictObject({ reference: z.string(), digest: z.string().nullable() }),
  conditions: z.array(conditionSchema),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

export const serviceSchema = z.strictObject({
  kind: z.literal('Service'),
  metadata: metadataSchema,
  spec: serviceSpecSchema,
  status: serviceStatusSchema,
});
export type Service = z.infer<typeof serviceSchema>;

export const serviceRevisionSchema = z.strictObject({
  number: z.int(),
  template: z.strictObject({ labels: labelsSchema.optional(), spec: runSpecSchema }),
  digest: z.string().nullable(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  /** All replicas were of it, and available. */
  wasGood: z.boolean(),
});
export type ServiceRevision = z.infer<typeof serviceRevisionSchema>;

/** What a change would do, before it is done: by the planner that carries it out. */
export const servicePlanSchema = z.strictObject({
  /** "2 started, 2 stopped, port 8080 kept". */
  summary: z.string(),
  starts: z.int(),
  stops: z.int(),
  keeps: z.int(),
  /** In order; `start` of several at once, and so on. */
  steps: z.array(z.strictObject({ action: z.enum(['start', 'stop', 'wait']), count: z.int(), revision: z.int(), message: z.string() })),
  changes: z.array(z.strictObject({ path: z.string(), from: z.string(), to: z.string() })),
});
export type ServicePlan = z.infer<typeof servicePlanSchema>;
