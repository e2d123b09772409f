/** What the api asks about a container: a handler for every call, where forgetting one does not compile. */
import type { Outcome } from '@berth/shared/errors/outcome';
import type { Assignment } from '@berth/shared/protocol/agent';
import {
  ANSWER_BYTES,
  type Call,
  type CallAnswer,
  type CallName,
  type CallOf,
  type CallValues,
  EXEC_OUTPUT_BYTES,
} from '@berth/shared/protocol/call';
import type { ContainerEngine, ExecOutput } from '../engine/container-engine.ts';
import { maskedArchive, maskedExec, maskedInspection } from '../secrets/masked-answers.ts';
import { maskedText } from '../secrets/masked-stream.ts';
import type { SecretMatcher } from '../secrets/secret-matcher.ts';
import { givenValue, maskingOf } from '../secrets/secret-values.ts';
import type { Inputs } from '../terminals/inputs.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { answerTerminal, isTerminalCall, MASKING_UNKNOWN, type TerminalCall } from './answer-terminal.ts';
import { answerVolume, isVolumeCall, type VolumeCall } from './answer-volume.ts';
import { boundedList } from './bounded-list.ts';
import type { Transfers } from './transfers.ts';

/** Those of the agent itself are answered elsewhere. */
type OfTheAgent = 'key.make' | 'key.use' | 'agent.update';
type Asked = Exclude<CallName, TerminalCall['name'] | VolumeCall['name'] | 'stdin.write' | 'tty.resize' | OfTheAgent>;
type Calls = { [N in Asked]: CallOf<N> };
type Handlers = {
  [N in Asked]: {
    /** `nothing`: it goes on with a transfer that has its container already. */
    needs: 'running' | 'container' | 'nothing';
    answer(containerId: string, call: Calls[N], engine: ContainerEngine, of: Of): Promise<Answered<CallValues[N]>>;
  };
};

/** The attempt that is asked about. */
interface Of {
  attemptId: string;
  transfers: Transfers;
  /** Undefined: it is no longer assigned here. */
  assignment: Assignment | undefined;
  /** Finds the values of its secrets; null: nothing is to be masked. */
  matcher: SecretMatcher | null;
}
/** Null: there is no such path. */
type Answered<T> = Outcome<T | null>;

/** What a call is answered with. */
export interface Answering {
  engine: ContainerEngine;
  transfers: Transfers;
  terminals: Terminals;
  inputs: Inputs;
  assignment: Assignment | undefined;
}

const HANDLERS: Handlers = {
  exec: {
    needs: 'running',
    async answer(containerId, { command, env, workingDir, user, stdin, timeoutSeconds }, engine, { matcher }) {
      const done = await engine.exec({
        containerId,
        command,
        env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        workingDir,
        user,
        stdin: stdin === null ? null : Buffer.from(stdin, 'base64'),
        timeoutMs: timeoutSeconds * 1000,
        keep: EXEC_OUTPUT_BYTES,
      });
      return mapped(done, ({ exitCode, running, stdout, stderr }) => ({
        exitCode,
        running,
        stdout: encoded(matcher === null ? stdout : maskedExec(matcher, stdout)),
        stderr: encoded(matcher === null ? stderr : maskedExec(matcher, stderr)),
      }));
    },
  },
  processes: {
    needs: 'running',
    async answer(containerId, _call, engine, { matcher }) {
      return mapped(await engine.processes(containerId), ({ titles, rows }) => ({
        titles,
        rows: boundedList(matcher === null ? rows : rows.map((row) => row.map((word) => maskedText(matcher, word)))),
        total: rows.length,
      }));
    },
  },
  changes: {
    needs: 'container',
    async answer(containerId, _call, engine) {
      return mapped(await engine.changes(containerId), (all) => ({ entries: boundedList(all), total: all.length }));
    },
  },
  inspect: {
    needs: 'container',
    async answer(containerId, _call, engine, { assignment, matcher }) {
      return mapped(await engine.rawInspection(containerId), (found) => ({
        engine: assignment?.spec.secrets ? maskedInspection(found, assignment.spec, valuesOf(assignment), matcher) : found,
      }));
    },
  },
  'files.list': {
    needs: 'container',
    async answer(containerId, { path }, engine) {
      const stat = await engine.statPath(containerId, path);
      if (!stat.ok || stat.value === null) return mapped(stat, () => null);
      if (stat.value.type !== 'folder') return refused(`${path} is no folder`);
      return mapped(await engine.listFolder(containerId, stat.value.path), ({ entries, cut }) => ({
        entries: boundedList(
          entries.map(({ name, type, size, mode, mtime, linkTarget }) => ({
            name,
            type,
            size,
            mode,
            modifiedAt: timeOf(mtime),
            linkTarget,
          })),
        ),
        total: entries.length,
        cut,
      }));
    },
  },
  'files.stat': {
    needs: 'container',
    answer: (containerId, { path }, engine) => engine.statPath(containerId, path),
  },
  'files.open': {
    needs: 'container',
    async answer(containerId, { path }, engine, { attemptId, transfers, matcher }) {
      const stat = await engine.statPath(containerId, path);
      if (!stat.ok || stat.value === null) return mapped(stat, () => null);
      const found = stat.value;
      const read = async () =>
        mapped(await engine.readArchive(containerId, found.path), (tar) => (matcher === null ? tar : maskedArchive(matcher, tar)));
      return mapped(await transfers.download(attemptId, read), ({ transfer }) => ({
        transfer,
        stat: found,
      }));
    },
  },
  'files.read': { needs: 'nothing', answer: (_, { transfer }, _engine, of) => of.transfers.read(of.attemptId, transfer) },
  'files.create': {
    needs: 'container',
    async answer(containerId, { path }, engine, { attemptId, transfers }) {
      const stat = await engine.statPath(containerId, path);
      if (!stat.ok || stat.value === null) return mapped(stat, () => null);
      if (stat.value.type !== 'folder') return refused(`${path} is no folder`);
      const folder = stat.value.path;
      return transfers.upload(attemptId, async () => ({ ok: true, value: engine.writeArchive(containerId, folder) }));
    },
  },
  'files.write': { needs: 'nothing', answer: (_, { transfer, data }, _engine, of) => of.transfers.write(of.attemptId, transfer, data) },
  'files.finish': { needs: 'nothing', answer: (_, { transfer }, _engine, of) => of.transfers.finish(of.attemptId, transfer) },
  'files.close': {
    needs: 'nothing',
    async answer(_, { transfer }, _engine, { attemptId, transfers }) {
      transfers.close(attemptId, transfer);
      return { ok: true, value: {} };
    },
  },
};

/** Never rejects. The container is looked for by its attempt and this host's label: no other one is ever touched (law L8). */
export async function answerCall(
  attemptId: string,
  call: Exclude<Call, { name: OfTheAgent }>,
  { engine, transfers, terminals, inputs, assignment }: Answering,
): Promise<CallAnswer> {
  const matcher = maskingOf(assignment);
  if (isTerminalCall(call)) return answerTerminal(attemptId, call, engine, terminals, matcher);
  if (isVolumeCall(call)) return toAnswer(await answerVolume(call, engine, transfers));
  if (call.name === 'stdin.write') return inputs.write(attemptId, Buffer.from(call.data, 'base64'), call.end);
  if (call.name === 'tty.resize') return inputs.resize(attemptId, call.columns, call.rows);
  const { needs } = HANDLERS[call.name];
  if (matcher === 'unknown') return MASKING_UNKNOWN;
  const of = { attemptId, transfers, assignment, matcher };
  if (needs === 'nothing') return toAnswer(await dispatch(call.name, '', call, engine, of));
  const found = await engine.findContainer(attemptId);
  if (!found.ok) return { ok: false, code: 'engine', message: found.failure.message };
  if (found.value === null) return { ok: false, code: 'no-container', message: 'its container is no longer on the host' };
  if (needs === 'running' && found.value.state !== 'running') {
    return { ok: false, code: 'not-running', message: 'its container does not run' };
  }
  return toAnswer(await dispatch(call.name, found.value.containerId, call, engine, of));
}

function toAnswer(answer: Answered<object>): CallAnswer {
  if (answer.ok) {
    if (answer.value === null) return { ok: false, code: 'no-such-path', message: 'There is no such path in the container.' };
    const bytes = Buffer.byteLength(JSON.stringify(answer.value));
    if (bytes <= ANSWER_BYTES) return { ok: true, value: answer.value };
    return { ok: false, code: 'refused', message: `the answer has ${bytes} bytes, and at most ${ANSWER_BYTES} can be sent` };
  }
  const { kind, message } = answer.failure;
  return { ok: false, code: kind === 'cannot-ever' ? 'refused' : 'engine', message };
}

function dispatch<N extends Asked>(
  name: N,
  containerId: string,
  call: Calls[N],
  engine: ContainerEngine,
  of: Of,
): Promise<Answered<CallValues[N]>> {
  return HANDLERS[name].answer(containerId, call, engine, of);
}

/** What its variables are to have. */
const valuesOf = (assignment: Assignment): ReadonlyMap<string, string> =>
  new Map(
    (assignment.spec.secrets ?? []).flatMap((use): [string, string][] => {
      const value = givenValue(assignment, use);
      return use.env === undefined || value === null ? [] : [[use.env, value]];
    }),
  );

const mapped = <A, B>(outcome: Outcome<A>, to: (value: A) => B): Outcome<B> =>
  outcome.ok ? { ok: true, value: to(outcome.value) } : outcome;

const refused = (message: string): Outcome<never> => ({ ok: false, failure: { kind: 'cannot-ever', reason: 'engine-error', message } });

/** Null for a time that is none: a tar holds what its maker likes. */
function timeOf(seconds: number): string | null {
  const at = new Date(seconds * 1000);
  return Number.isNaN(at.getTime()) || at.getUTCFullYear() > 9999 || at.getUTCFullYear() < 0 ? null : at.toISOString();
}

const encoded = ({ data, bytes }: ExecOutput) => ({ data: data.toString('base64'), bytes });
