/**
 * The console's websocket (socket.io, namespace CONSOLE_NAMESPACE, path SOCKET_PATH). A viewer is a cursor into the store and a
 * small window (law L7): the api sends the next batch only after the last one was acknowledged by socket.io's callback.
 * Sign-in: the session cookie of the browser, or `auth: { token }`.
 */
import { z } from 'zod';
import { hostCellSchema, hostFilterSchema } from '../model/host-map.ts';
import { runSchema } from '../model/run.ts';
import { sampleSchema } from '../model/sample.ts';
import { blockSchema } from '../protocol/block.ts';
import { terminalSide } from '../protocol/call.ts';
import type { Bytes } from '../protocol/packed.ts';
import { berthEventSchema, cursorSchema } from './event.ts';

export const SOCKET_PATH = '/v1/socket';
export const CONSOLE_NAMESPACE = '/console';
export const AGENT_NAMESPACE = '/agent';

/** A place in the log of a run: bytes of the merged log before it. 0 is the beginning. */
export const logCursorSchema = z.int().min(0);

/** Client to api: `subscribe`, answered by a SubscribeAnswer in the callback. `sub` is chosen by the client, unique on its socket. */
export const subscribeSchema = z.discriminatedUnion('channel', [
  /** All changes in the workspace. `after` null: from now on. */
  z.strictObject({ channel: z.literal('events'), sub: z.string().max(64), workspace: z.string(), after: cursorSchema.nullable() }),
  /** The run as it is, whenever it changed (pull progress too); intermediate versions may be left out. */
  z.strictObject({ channel: z.literal('run'), sub: z.string().max(64), workspace: z.string(), run: z.string() }),
  /** The hosts of a filter at a glance: first all, then what changes of them, at most once a second. */
  z.strictObject({ channel: z.literal('hosts'), sub: z.string().max(64), workspace: z.string(), filter: hostFilterSchema }),
  /** What a run uses, a second apart; or all runs of the workspace, 10 s apart (`run` null). At most once: none is repeated. */
  z.strictObject({ channel: z.literal('stats'), sub: z.string().max(64), workspace: z.string(), run: z.string().nullable() }),
  /** A terminal from a place in its output on. `type` and `size` go the other way. */
  z.strictObject({
    channel: z.literal('terminal'),
    sub: z.string().max(64),
    workspace: z.string(),
    run: z.string(),
    terminal: z.string().max(64),
    after: logCursorSchema,
  }),
  /** The standard input of a run: `type` and `size` go to it. What it writes is in its log. */
  z.strictObject({ channel: z.literal('input'), sub: z.string().max(64), workspace: z.string(), run: z.string() }),
  /** The log from a cursor on, followed until the run is at its end and its log is complete. */
  z.strictObject({ channel: z.literal('log'), sub: z.string().max(64), workspace: z.string(), run: z.string(), after: logCursorSchema }),
]);
export type Subscribe = z.infer<typeof subscribeSchema>;
export const unsubscribeSchema = z.strictObject({ sub: z.string() });
export type SubscribeAnswer = { ok: true; cursor: string | number | null } | { ok: false; code: string; detail: string };

export const LOG_STREAMS = ['stdout', 'stderr'] as const;
export type LogStream = (typeof LOG_STREAMS)[number];

const logChunkHeadSchema = z.object({
  /** Place of the first byte in the merged log of the run; bytes that were dropped count. */
  position: logCursorSchema,
  attempt: z.int(),
  stream: z.enum(LOG_STREAMS),
  at: z.iso.datetime(),
  /** Bytes of this chunk in the block of its push. */
  length: z.int().min(0),
  /** More than 0: so many bytes of this stream are missing here, and why; the chunk is empty then. */
  dropped: z.int().min(0),
  droppedReason: z.string().nullable(),
  /** How many are missing is not known: there may be more of them than `dropped`, or none. */
  droppedAtLeast: z.boolean().optional(),
});
export type LogChunk = Omit<z.infer<typeof logChunkHeadSchema>, 'length'> & { data: Bytes };

/** Api to client: `push`, acknowledged by the callback once the client has taken it. */
export const pushSchema = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('events'), sub: z.string(), events: z.array(berthEventSchema), cursor: cursorSchema }),
  z.object({ channel: z.literal('run'), sub: z.string(), run: runSchema.nullable() }),
  z.object({
    channel: z.literal('hosts'),
    sub: z.string(),
    /** `cells` are all there are; otherwise those that are new or have changed. */
    whole: z.boolean(),
    cells: z.array(hostCellSchema),
    /** Removed, or no longer of the filter. */
    gone: z.array(z.string()),
  }),
  z.object({ channel: z.literal('stats'), sub: z.string(), samples: z.array(z.object({ run: z.string(), sample: sampleSchema })) }),
  z.object({
    channel: z.literal('log'),
    sub: z.string(),
    chunks: z.array(logChunkHeadSchema),
    /** The bytes of all chunks, one after the other. */
    data: blockSchema,
    next: logCursorSchema,
    complete: z.boolean(),
  }),
  z.object({
    channel: z.literal('terminal'),
    sub: z.string(),
    /** Where `data` begins; more than what is here already: so many bytes between are gone. */
    from: z.int(),
    data: blockSchema,
    next: z.int(),
    /** Its program has ended, and nothing follows. */
    ended: z.object({ exitCode: z.int().nullable() }).nullable(),
  }),
  /** Keys that did not get there, and why. */
  z.object({ channel: z.literal('input'), sub: z.string(), refused: z.string() }),
  /** The subscription ended: the cursor expired (list again), or the resource is gone. */
  z.object({ channel: z.literal('ended'), sub: z.string(), code: z.string(), detail: z.string() }),
]);
export type Push = z.infer<typeof pushSchema>;

/**
 * Api to client: `tail`, what is new of a log that the client has caught up with, the same message for all who watch it; not acknowledged.
 * `from` is the `next` of the push or tail before. The client says with `taken` how far it has come, at least every TAKEN_BYTES: a client
 * that does not is sent no more of them, and gets pushes again.
 */
export const tailSchema = z.object({
  run: z.string(),
  from: logCursorSchema,
  chunks: z.array(logChunkHeadSchema),
  /** The bytes of all chunks, one after the other; a few of them as base64. */
  data: z.union([blockSchema, z.string()]),
  next: logCursorSchema,
  complete: z.boolean(),
});
export type Tail = z.infer<typeof tailSchema>;

/** Client to api: everything before `next` of the log that `sub` watches is taken. */
export const takenSchema = z.strictObject({ sub: z.string().max(64), next: logCursorSchema });
/** Bytes of tails after which a client says what it has taken. */
export const TAKEN_BYTES = 64 * 1024;

/** Client to api: keys for the terminal or the input that `sub` uses, as UTF-8; not answered, not repeated. */
export const typeSchema = z.strictObject({ sub: z.string().max(64), data: z.string().max(65_536) });
/** Client to api: how large the window of the terminal is. */
export const sizeSchema = z.strictObject({ sub: z.string().max(64), columns: terminalSide, rows: terminalSide });
