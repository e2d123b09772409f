/** What the api asks about a container: a handler for every call, where forgetting one does not compile. */
import type { Outcome } from '@berth/shared/errors/outcome';
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
import { boundedList } from './bounded-list.ts';

type Calls = { [N in CallName]: CallOf<N> };
type Handlers = {
  [N in CallName]: {
    needsRunning: boolean;
    answer(containerId: string, call: Calls[N], engine: ContainerEngine): Promise<Outcome<CallValues[N]>>;
  };
};

const HANDLERS: Handlers = {
  exec: {
    needsRunning: true,
    async answer(containerId, { command, env, workingDir, user, stdin, timeoutSeconds }, engine) {
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
        stdout: encoded(stdout),
        stderr: encoded(stderr),
      }));
    },
  },
  processes: {
    needsRunning: true,
    async answer(containerId, _call, engine) {
      return mapped(await engine.processes(containerId), ({ titles, rows }) => ({
        titles,
        rows: boundedList(rows),
        total: rows.length,
      }));
    },
  },
  changes: {
    needsRunning: false,
    async answer(containerId, _call, engine) {
      return mapped(await engine.changes(containerId), (all) => ({ entries: boundedList(all), total: all.length }));
    },
  },
  inspect: {
    needsRunning: false,
    async answer(containerId, _call, engine) {
      return mapped(await engine.rawInspection(containerId), (found) => ({ engine: found }));
    },
  },
};

/** Never rejects. The container is looked for by its attempt and this host's label: no other one is ever touched (law L8). */
export async function answerCall(attemptId: string, call: Call, engine: ContainerEngine): Promise<CallAnswer> {
  const found = await engine.findContainer(attemptId);
  if (!found.ok) return { ok: false, code: 'engine', message: found.failure.message };
  if (found.value === null) return { ok: false, code: 'no-container', message: 'its container is no longer on the host' };
  if (HANDLERS[call.name].needsRunning && found.value.state !== 'running') {
    return { ok: false, code: 'not-running', message: 'its container does not run' };
  }
  const answer = await dispatch(call.name, found.value.containerId, call, engine);
  if (answer.ok) {
    const bytes = Buffer.byteLength(JSON.stringify(answer.value));
    if (bytes <= ANSWER_BYTES) return { ok: true, value: answer.value };
    return { ok: false, code: 'refused', message: `the answer has ${bytes} bytes, and at most ${ANSWER_BYTES} can be sent` };
  }
  const { kind, message } = answer.failure;
  return { ok: false, code: kind === 'cannot-ever' ? 'refused' : 'engine', message };
}

function dispatch<N extends CallName>(
  name: N,
  containerId: string,
  call: Calls[N],
  engine: ContainerEngine,
): Promise<Outcome<CallValues[N]>> {
  return HANDLERS[name].answer(containerId, call, engine);
}

const mapped = <A, B>(outcome: Outcome<A>, to: (value: A) => B): Outcome<B> =>
  outcome.ok ? { ok: true, value: to(outcome.value) } : outcome;

const encoded = ({ data, bytes }: ExecOutput) => ({ data: data.toString('base64'), bytes });
