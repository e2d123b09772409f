/**
 * What the api may ask an agent about a container of one of its attempts, and the answer: at most once, answered in socket.io's callback, and
 * gone with the link. It is no desired state: whoever asked is told when it did not come to an answer.
 */
import { z } from 'zod';
import { reportedText } from '../model/text.ts';
import { OLDEST_PROTOCOL_VERSION } from './version.ts';

/** Of the output of a command, so much of each stream is returned; the rest is read and counted. */
export const EXEC_OUTPUT_BYTES = 1024 * 1024;
/** What is written to its standard input. */
export const EXEC_INPUT_BYTES = 1024 * 1024;
export const EXEC_SECONDS = { standard: 60, most: 600 } as const;
/** Entries of a list that are told, by their number and their bytes as JSON; the rest is counted. */
export const MOST_ENTRIES = 5000;
export const LIST_BYTES = 2 * 1024 * 1024;
/** Of the whole answer as JSON. The api ends a link that brings a larger message than its socket takes, and with it all else that the host says. */
export const ANSWER_BYTES = 3 * 1024 * 1024;

/** Of a file on its way, in one call. */
export const PIECE_BYTES = 256 * 1024;
const transfer = z.string().max(64);
const containerPath = z.string().max(8192);
/** As socket.io carries it within JSON: base64, at most PIECE_BYTES of it. */
const piece = z.string().max(Math.ceil(PIECE_BYTES / 3) * 4);
/** Of the output of a terminal: kept, and read at once. */
export const TERMINAL_KEPT_BYTES = 1024 * 1024;
export const TERMINAL_READ_BYTES = 64 * 1024;
/** Open ones of one container. */
export const TERMINALS_AT_MOST = 16;
/** Written to the standard input of a main process at once. */
export const STDIN_BYTES = 1024 * 1024;
/** Volumes in one message. */
export const MOST_MEASURED = 1000;
const volumeId = z.string().max(64);
export const terminalSide = z.int().min(1).max(1000);

export const callSchema = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('exec'),
    command: z.array(z.string()).min(1),
    env: z.record(z.string(), z.string()),
    workingDir: z.string().nullable(),
    user: z.string().nullable(),
    /** Base64; null: nothing is connected to it. */
    stdin: z.string().nullable(),
    timeoutSeconds: z.number(),
  }),
  z.object({ name: z.literal('processes') }),
  z.object({ name: z.literal('changes') }),
  z.object({ name: z.literal('inspect') }),
  z.object({ name: z.literal('files.list'), path: containerPath }),
  z.object({ name: z.literal('files.stat'), path: containerPath }),
  /** Its tar, in pieces, by `files.read`. */
  z.object({ name: z.literal('files.open'), path: containerPath }),
  z.object({ name: z.literal('files.read'), transfer }),
  /** A tar in pieces, by `files.write`, is unpacked into the folder; `files.finish` answers when that is done. */
  z.object({ name: z.literal('files.create'), path: containerPath }),
  z.object({ name: z.literal('files.write'), transfer, data: piece }),
  z.object({ name: z.literal('files.finish'), transfer }),
  z.object({ name: z.literal('files.close'), transfer }),
  // From version 3 on.
  z.object({ name: z.literal('terminal.open'), command: z.array(z.string()).min(1), columns: terminalSide, rows: terminalSide }),
  z.object({ name: z.literal('terminal.list') }),
  /** What comes after so many bytes of it; waits for it. */
  z.object({ name: z.literal('terminal.read'), terminal: z.string(), after: z.int().min(0), waitSeconds: z.number().min(0).max(60) }),
  /** Base64. Calls are carried out in the order in which they are made. */
  z.object({ name: z.literal('terminal.write'), terminal: z.string(), data: z.string() }),
  z.object({ name: z.literal('terminal.resize'), terminal: z.string(), columns: terminalSide, rows: terminalSide }),
  z.object({ name: z.literal('terminal.end'), terminal: z.string() }),
  // From version 4 on.
  /** To its main process: base64, at most STDIN_BYTES of it. Calls are carried out in the order in which they are made. */
  z.object({ name: z.literal('stdin.write'), data: z.string(), /** What follows is the end of its input. */ end: z.boolean() }),
  /** The terminal of its main process. */
  z.object({ name: z.literal('tty.resize'), columns: terminalSide, rows: terminalSide }),
  // Of the agent itself: they come without an attempt.
  /** Makes a key pair that may take the place of the present one. */
  z.object({ name: z.literal('key.make') }),
  /** The api accepts that key from now on: it is the one. */
  z.object({ name: z.literal('key.use'), publicKey: z.string() }),
  /** Takes the bundle that the api serves, and runs on with it once it has shown itself; asked again with the same id it does nothing more. */
  z.object({ name: z.literal('agent.update'), update: z.string(), version: z.string(), sha256: z.string(), bytes: z.int() }),
  // Of volumes of the host, from version 5 on: they come without an attempt.
  /** How large they are: the engine looks at all that it has, which takes a while. */
  z.object({ name: z.literal('volume.measure'), volumes: z.array(volumeId).max(MOST_MEASURED) }),
  /** With all that is in it; that it is not there is success. */
  z.object({ name: z.literal('volume.remove'), volume: volumeId }),
  /** Its content as a tar, in pieces, by `files.read`: in the transfer's calls, the id of the volume stands for that of the attempt. */
  z.object({ name: z.literal('volume.open'), volume: volumeId }),
  /** A tar in pieces is unpacked into it, by `files.write` and `files.finish`. It is made where it is not there. */
  z.object({ name: z.literal('volume.fill'), volume: volumeId }),
]);
export type Call = z.infer<typeof callSchema>;
export type CallName = Call['name'];
export type CallOf<N extends CallName> = Extract<Call, { name: N }>;

/** The version of the protocol from which on an agent answers it. */
export const callSince = (name: CallName): number => SINCE[name] ?? OLDEST_PROTOCOL_VERSION;
/** Those that came with a version newer than the oldest one spoken. */
const SINCE: Partial<Record<CallName, number>> = { 'volume.measure': 5, 'volume.remove': 5, 'volume.open': 5, 'volume.fill': 5 };

const fileType = z.enum(['file', 'folder', 'link', 'other']);
const fileFacts = { size: z.int(), /** Permissions, as `chmod` takes them. */ mode: z.int(), modifiedAt: z.iso.datetime().nullable() };
const stat = z.object({ path: reportedText, name: reportedText, type: fileType, ...fileFacts });

const output = z.object({
  /** Base64, at most EXEC_OUTPUT_BYTES of it. */
  data: z.string(),
  /** All that was written. */
  bytes: z.int(),
});

export const callValues = {
  exec: z.object({
    /** As the engine has it: 126 not executable, 127 not found. Null: it was still running when its time was up. */
    exitCode: z.int().nullable(),
    /** It could not be ended when its time was up, and goes on. */
    running: z.boolean(),
    stdout: output,
    stderr: output,
  }),
  processes: z.object({
    /** As `ps` heads them on the host: UID, PID, PPID … CMD. */
    titles: z.array(reportedText),
    rows: z.array(z.array(reportedText)).max(MOST_ENTRIES),
    total: z.int(),
  }),
  changes: z.object({
    entries: z.array(z.object({ path: reportedText, kind: z.enum(['changed', 'added', 'deleted']) })).max(MOST_ENTRIES),
    total: z.int(),
  }),
  'terminal.open': z.object({ terminal: reportedText }),
  'terminal.list': z.object({
    terminals: z.array(z.object({ id: reportedText, command: z.array(reportedText), openedAt: z.iso.datetime(), ended: z.boolean() })),
  }),
  'terminal.read': z.object({
    /** Where `data` begins: after what was asked for where bytes before it are gone. */
    from: z.int(),
    /** Base64. */
    data: z.string(),
    /** It is over, and this is its last. Exit code null: not known. */
    ended: z.object({ exitCode: z.int().nullable() }).nullable(),
  }),
  'terminal.write': z.object({}),
  'terminal.resize': z.object({}),
  'terminal.end': z.object({}),
  /** Less than what was to be written: its process has not read for a while, and the rest was not sent. */
  'stdin.write': z.object({ written: z.int(), ended: z.boolean() }),
  'tty.resize': z.object({}),
  /** The engine's own JSON. */
  inspect: z.object({ engine: z.record(z.string(), z.unknown()) }),
  'files.list': z.object({
    entries: z.array(z.object({ name: reportedText, type: fileType, ...fileFacts, linkTarget: reportedText.nullable() })).max(MOST_ENTRIES),
    total: z.int(),
    /** The folder is too large to be looked through: there may be more in it. */
    cut: z.boolean(),
  }),
  /** Where a link leads to. */
  'files.stat': stat,
  'files.open': z.object({ transfer, stat }),
  'files.read': z.object({ data: z.string(), last: z.boolean() }),
  'files.create': z.object({ transfer }),
  'files.write': z.object({}),
  'files.finish': z.object({}),
  'files.close': z.object({}),
  /** The new public key, SPKI, PEM; and ed25519 by the present key over keyChangeText, base64. */
  'key.make': z.object({ publicKey: reportedText, signature: reportedText }),
  'key.use': z.object({}),
  /** It has begun. How it ended is said with the next hello. */
  'agent.update': z.object({}),
  /** Null: it is not on the host. One that the engine could not measure is left out. */
  'volume.measure': z.object({ sizes: z.array(z.object({ volume: reportedText, bytes: z.int().nullable() })).max(MOST_MEASURED) }),
  'volume.remove': z.object({}),
  'volume.open': z.object({ transfer }),
  'volume.fill': z.object({ transfer }),
} as const satisfies Record<CallName, z.ZodType>;
export type CallValues = { [N in CallName]: z.infer<(typeof callValues)[N]> };

/** Why there is no value. */
export const CALL_FAILURES = ['no-container', 'not-running', 'no-input', 'no-such-path', 'refused', 'engine'] as const;

export const callAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  /** A sentence for people. `no-input`: it has no standard input, or no longer. `refused`: the engine would not do it as it was asked; `engine`: it failed, or does not answer. */
  z.object({ ok: z.literal(false), code: z.enum(CALL_FAILURES), message: reportedText }),
]);
export type CallAnswer = z.infer<typeof callAnswerSchema>;
