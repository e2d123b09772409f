/** An update of the agents of hosts: which hosts, in which stages, and how far it is. */
import { z } from 'zod';
import { labelKeySchema, labelValueSchema, metadataSchema } from './metadata.ts';

/** `updating`: its agent was asked and has begun. `skipped`: it cannot be updated from here, or not now. */
export const HOST_UPDATE_STATES = ['waiting', 'asking', 'updating', 'done', 'failed', 'skipped', 'cancelled'] as const;
export type HostUpdateState = (typeof HOST_UPDATE_STATES)[number];
/** It may still change by itself. */
export const isUnderWay = (state: HostUpdateState): boolean => state === 'waiting' || state === 'asking' || state === 'updating';

export const AGENT_UPDATE_STATES = ['running', 'paused', 'done', 'cancelled'] as const;

export const MOST_HOSTS_IN_UPDATE = 10_000;

const batchSchema = {
  /** Hosts in a stage. */
  batchSize: z.int().min(1).max(MOST_HOSTS_IN_UPDATE).optional(),
  /** Per cent of the hosts in a stage, rounded up; 25 where neither is given. */
  batchPercent: z.int().min(1).max(100).optional(),
};

const agentUpdateSpecSchema = z.strictObject({
  /** Ids of hosts; absent: by `labels` alone. */
  hosts: z.array(z.string().max(64)).min(1).max(MOST_HOSTS_IN_UPDATE).optional(),
  /** All must hold; an empty value asks for the key alone. Absent: every host, or those that are named. */
  labels: z.record(labelKeySchema, labelValueSchema).optional(),
  ...batchSchema,
  /** So many failures pause it. */
  stopAfterFailures: z.int().min(1).max(MOST_HOSTS_IN_UPDATE).default(1),
});
export type AgentUpdateSpec = z.infer<typeof agentUpdateSpecSchema>;

export const createAgentUpdateSchema = z.strictObject({
  spec: agentUpdateSpecSchema.refine(({ batchSize, batchPercent }) => batchSize === undefined || batchPercent === undefined, {
    message: 'takes either batchSize or batchPercent',
    path: ['batchPercent'],
  }),
});
export type CreateAgentUpdate = z.input<typeof createAgentUpdateSchema>;

export const agentUpdateSchema = z.strictObject({
  kind: z.literal('AgentUpdate'),
  metadata: metadataSchema,
  spec: agentUpdateSpecSchema,
  status: z.strictObject({
    state: z.enum(AGENT_UPDATE_STATES),
    /** What it does or waits for, and what happens next; or how it ended. */
    message: z.string(),
    actor: z.string(),
    /** Of the agent that the hosts get. */
    version: z.string(),
    stages: z.int(),
    /** The one that is under way, from 1 on; null where none is left. */
    stage: z.int().nullable(),
    counts: z.strictObject({ total: z.int(), underWay: z.int(), done: z.int(), failed: z.int(), skipped: z.int() }),
    finishedAt: z.iso.datetime().nullable(),
    hosts: z.array(
      z.strictObject({
        hostId: z.string(),
        hostName: z.string(),
        stage: z.int(),
        state: z.enum(HOST_UPDATE_STATES),
        message: z.string(),
        fromVersion: z.string().nullable(),
        /** When what is under way has failed unless it is over. */
        deadline: z.iso.datetime().nullable(),
      }),
    ),
  }),
});
export type AgentUpdate = z.infer<typeof agentUpdateSchema>;

/** Of a host, as its own page shows it. */
export const lastUpdateSchema = z.strictObject({
  id: z.string(),
  state: z.enum(HOST_UPDATE_STATES),
  version: z.string(),
  message: z.string(),
  actor: z.string(),
  at: z.iso.datetime(),
});

/** How many hosts make a stage. Pure: the console shows with it what the api will do. */
export function stageSizeOf({ batchSize, batchPercent }: Pick<AgentUpdateSpec, 'batchSize' | 'batchPercent'>, hosts: number): number {
  return Math.max(1, batchSize ?? Math.ceil((hosts * (batchPercent ?? 25)) / 100));
}

/** The same for both sides: by name, as people count. */
export function stagesOf<T>(hosts: readonly T[], nameOf: (host: T) => string, spec: AgentUpdateSpec): T[][] {
  const size = stageSizeOf(spec, hosts.length);
  const sorted = [...hosts].sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true }));
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, index) => sorted.slice(index * size, (index + 1) * size));
}

/** Whether a host is among those that are asked for. */
export function isSelected(
  host: { id: string; labels: Record<string, string> },
  { hosts, labels }: Pick<AgentUpdateSpec, 'hosts' | 'labels'>,
): boolean {
  if (hosts !== undefined && !hosts.includes(host.id)) return false;
  return Object.entries(labels ?? {}).every(([key, value]) => key in host.labels && (value === '' || host.labels[key] === value));
}
