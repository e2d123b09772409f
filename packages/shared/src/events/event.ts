/**
 * The event stream: each accepted change, once, in an order that never changes, with a cursor to resume from.
 * An event says what happened; the resource itself is read beside it.
 */
import { z } from 'zod';
import { AGENT_UPDATE_STATES } from '../model/agent-update.ts';
import { labelsSchema } from '../model/metadata.ts';
import { phaseSchema } from '../model/phase.ts';
import { reasonSchema } from '../model/reason.ts';
import { exitSchema, healthSchema } from '../model/run.ts';

/** Opaque to clients. Cursors of one workspace compare by their place in the stream, not as text. */
export const cursorSchema = z.string().regex(/^[0-9a-z]+\.[0-9a-z]+$/, 'is not a cursor that Berth gave out');
export type Cursor = string;

const runEvent = {
  kind: z.literal('Run'),
  id: z.string(),
  cursor: cursorSchema,
  at: z.iso.datetime(),
};

/** What a resource that people keep (a service, a schedule, a secret, a volume) tells: its page reads it again. */
const kept = <T extends string, K extends string>(type: T, kind: K) =>
  z.object({
    type: z.literal(type),
    kind: z.literal(kind),
    id: z.string(),
    cursor: cursorSchema,
    at: z.iso.datetime(),
    data: z.object({
      name: z.string(),
      /** "created", "updated", "rolled-back" … */
      change: z.string(),
      /** A sentence for people. */
      message: z.string(),
      actor: z.string().optional(),
    }),
  });

export const berthEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run.created'), ...runEvent, data: z.object({ name: z.string(), image: z.string(), actor: z.string() }) }),
  z.object({
    type: z.literal('run.phase'),
    ...runEvent,
    data: z.object({
      phase: phaseSchema,
      reason: reasonSchema,
      message: z.string(),
      attemptId: z.string().nullable(),
      hostId: z.string().nullable(),
      /** With the phase that brings a run to a host. */
      hostName: z.string().optional(),
      exitCode: z.int().nullable(),
      /** How often its container had been started again by then. */
      restarts: z.int().optional(),
    }),
  }),
  /** The phase stays, the cause of waiting changed. */
  z.object({ type: z.literal('run.waiting'), ...runEvent, data: z.object({ reason: reasonSchema, message: z.string() }) }),
  z.object({
    type: z.literal('run.requested'),
    ...runEvent,
    data: z.object({ action: z.enum(['stop', 'kill', 'cancel', 'pause', 'resume', 'restart', 'give-up']), actor: z.string() }),
  }),
  /** Its container ended and is started again. */
  z.object({ type: z.literal('run.restarting'), ...runEvent, data: exitSchema.extend({ attemptId: z.string() }) }),
  /** An attempt of it is over, and it is placed again: its phase begins anew with another attempt. */
  z.object({
    type: z.literal('run.replacing'),
    ...runEvent,
    data: z.object({ attemptId: z.string(), number: z.int(), hostId: z.string(), reason: reasonSchema, message: z.string() }),
  }),
  z.object({ type: z.literal('run.health'), ...runEvent, data: healthSchema.extend({ attemptId: z.string() }) }),
  /** Only what has changed is in it. */
  z.object({
    type: z.literal('run.updated'),
    ...runEvent,
    data: z.object({ actor: z.string(), name: z.object({ from: z.string(), to: z.string() }).optional(), labels: labelsSchema.optional() }),
  }),
  /** A command was run in its container. */
  z.object({
    type: z.literal('run.exec'),
    ...runEvent,
    data: z.object({ actor: z.string(), /** Its first words. */ command: z.string() }),
  }),
  /** A file was written in its container, or a tar unpacked. */
  z.object({ type: z.literal('run.upload'), ...runEvent, data: z.object({ actor: z.string(), path: z.string() }) }),
  /** Its standard input was written to, or ended. */
  z.object({
    type: z.literal('run.input'),
    ...runEvent,
    /** `bytes` null: keys that are typed into its terminal, told once for all that follow. */
    data: z.object({ actor: z.string(), bytes: z.int().nullable(), end: z.boolean() }),
  }),
  z.object({ type: z.literal('run.deleted'), ...runEvent, data: z.object({ actor: z.string() }) }),
  z.object({
    type: z.literal('host.changed'),
    kind: z.literal('Host'),
    id: z.string(),
    cursor: cursorSchema,
    at: z.iso.datetime(),
    data: z.object({
      change: z.enum([
        'enrolled',
        'ready',
        'not-ready',
        'lost',
        'draining',
        'drained',
        'updated',
        'cordoned',
        'uncordoned',
        'approved',
        'key-requested',
        'key-changed',
        'key-revoked',
        'update-requested',
        'update-done',
        'update-failed',
        'removed',
      ]),
      message: z.string(),
      /** Who did it, where somebody did. */
      actor: z.string().optional(),
    }),
  }),
  /** An update of agents: its state or its stage. */
  z.object({
    type: z.literal('agent-update.changed'),
    kind: z.literal('AgentUpdate'),
    id: z.string(),
    cursor: cursorSchema,
    at: z.iso.datetime(),
    data: z.object({ state: z.enum(AGENT_UPDATE_STATES), message: z.string(), actor: z.string().optional() }),
  }),
  kept('service.changed', 'Service'),
  kept('schedule.changed', 'Schedule'),
  kept('array.changed', 'RunArray'),
  kept('secret.changed', 'Secret'),
  kept('volume.changed', 'Volume'),
]);
export type BerthEvent = z.infer<typeof berthEventSchema>;
/** Of one resource, oldest first. `pending`: more is written, and can be read within milliseconds. */
export const eventPageSchema = z.strictObject({ items: z.array(berthEventSchema), cursor: z.string(), pending: z.boolean() });
export type BerthEventType = BerthEvent['type'];

type Prefix<T extends string> = T extends `${infer P}.${string}` ? P : never;
type KindOf = { [E in BerthEvent as Prefix<E['type']>]: E['kind'] };
const KINDS: KindOf = {
  run: 'Run',
  host: 'Host',
  'agent-update': 'AgentUpdate',
  service: 'Service',
  schedule: 'Schedule',
  array: 'RunArray',
  secret: 'Secret',
  volume: 'Volume',
};
/** The kind of resource that an event of this type is about. */
export const kindOfEvent = (type: BerthEventType): BerthEvent['kind'] => KINDS[type.slice(0, type.indexOf('.')) as keyof KindOf];
