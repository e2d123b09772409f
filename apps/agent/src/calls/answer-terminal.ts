/** Calls of a terminal. What is written is passed on before anything is awaited: the order of the calls is that of the keys. */
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import type { Call, CallAnswer } from '@berth/shared/protocol/call';
import type { ContainerEngine } from '../engine/container-engine.ts';
import type { Masking } from '../secrets/secret-values.ts';
import type { Terminals } from '../terminals/terminals.ts';

export type TerminalCall = Extract<Call, { name: `terminal.${string}` }>;

export const isTerminalCall = (call: Call): call is TerminalCall => call.name.startsWith('terminal.');

/** Before the api has told this process of the secrets, nothing of the container is shown. */
export const MASKING_UNKNOWN: CallAnswer = { ok: false, code: 'engine', message: 'what is to be masked of its secrets is not known yet' };

/** Never rejects. */
export async function answerTerminal(
  attemptId: string,
  call: TerminalCall,
  engine: ContainerEngine,
  terminals: Terminals,
  masking: Masking,
): Promise<CallAnswer> {
  switch (call.name) {
    case 'terminal.open':
      return open(attemptId, call, engine, terminals, masking);
    case 'terminal.list':
      return { ok: true, value: terminals.list(attemptId) };
    case 'terminal.read':
      return answerOf(await terminals.read(attemptId, call.terminal, call.after, call.waitSeconds * 1000));
    case 'terminal.write':
      return answerOf(terminals.write(attemptId, call.terminal, Buffer.from(call.data, 'base64')));
    case 'terminal.resize':
      return answerOf(await terminals.resize(attemptId, call.terminal, call.columns, call.rows));
    case 'terminal.end':
      return answerOf(terminals.end(attemptId, call.terminal));
  }
}

async function open(
  attemptId: string,
  call: Extract<TerminalCall, { name: 'terminal.open' }>,
  engine: ContainerEngine,
  terminals: Terminals,
  masking: Masking,
): Promise<CallAnswer> {
  if (masking === 'unknown') return MASKING_UNKNOWN;
  const found = await engine.findContainer(attemptId);
  if (!found.ok) return failed(found.failure);
  if (found.value === null) return { ok: false, code: 'no-container', message: 'its container is no longer on the host' };
  if (found.value.state !== 'running') return { ok: false, code: 'not-running', message: 'its container does not run' };
  return answerOf(await terminals.open(attemptId, found.value.containerId, call, masking));
}

const answerOf = (outcome: Outcome<unknown>): CallAnswer => (outcome.ok ? outcome : failed(outcome.failure));

function failed({ kind, message }: Failure): CallAnswer {
  return { ok: false, code: kind === 'cannot-ever' ? 'refused' : 'engine', message };
}
