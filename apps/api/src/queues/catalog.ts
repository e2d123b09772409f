/** The queues: name → payload. Jobs carry keys, never state (law L1); each key has at most one job under way and one waiting. */
import type { JobsOptions } from 'bullmq';
import { z } from 'zod';

export const QUEUES = {
  /** Place what is pending in a workspace. Most of these jobs wait: their rounds take turns, so that no workspace holds the others up. */
  placement: { payload: z.object({ workspaceId: z.string() }), concurrency: 100 },
} as const;

export type QueueName = keyof typeof QUEUES;
export const QUEUE_NAMES = Object.keys(QUEUES) as QueueName[];
export type Payload<Q extends QueueName> = z.infer<(typeof QUEUES)[Q]['payload']>;

/** One handler a queue: a missing one does not compile, and one that cannot be built fails the boot. */
export type Handlers = { [Q in QueueName]: (payload: Payload<Q>) => Promise<void> };

/** By name, from whatever a job carries. */
export const bindHandlers = (handlers: Handlers): Record<QueueName, (data: unknown) => Promise<void>> => ({
  placement: (data) => handlers.placement(QUEUES.placement.payload.parse(data)),
});

/**
 * A wake-up that arrives while its job runs makes exactly one more job when that is done. Attempts stay at two: a job that goes on
 * failing is woken again by the sweep, from what Postgres says then.
 */
export const jobOptions = (key: string): JobsOptions => ({
  deduplication: { id: key, keepLastIfActive: true },
  attempts: 2,
  backoff: { type: 'fixed', delay: 200 },
  removeOnComplete: true,
  removeOnFail: true,
});
