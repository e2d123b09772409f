/** Steps that end things: `conclude`, `finish`, `stop`, `kill`, `remove`, `abortPull`, `forget`. */

import type { Reason } from '@berth/shared/model/reason';
import type { RunSpec } from '@berth/shared/model/run';
import type { Assignment } from '@berth/shared/protocol/agent';
import { afterEnd, isBetweenLives, startsInRecord } from '../planner/lives.ts';
import type { StepPayloads, StopCause } from '../planner/model.ts';
import type { StepResult, World } from './world.ts';

/** The output of an ended container ends within moments; longer than this, the engine's record is read instead. */
const ATTACHMENT_PATIENCE_MS = 5000;

/** Docker drops what nobody had read from a container's pipe when that container ended; how much it was, nobody knows (law L7). */
const UNRECORDED = 'it ended while the container engine was away, so the last of its output may be missing';

/** Docker says this of a container whose end nobody could tell it. */
const UNKNOWN_EXIT = 255;

export async function conclude({ assignment, containerId }: StepPayloads['conclude'], world: World): Promise<StepResult> {
  const { attemptId, spec } = assignment;
  const state = world.state(attemptId);
  const known = world.container(attemptId);
  const listened = state.progress.attached;
  const output = world.output(assignment);
  const heardOut = listened && state.intact;
  if (!heardOut) {
    const found = await world.engine.inspectContainer(containerId);
    if (!found.ok) return found.failure;
    await world.secretsKnown(assignment);
    output.resume(containerId, await world.storedOffsets(attemptId), startsInRecord(found.value ?? known, world.ledger.livesOf(attemptId)));
  }
  const [inspected] = await Promise.all([
    world.engine.inspectContainer(containerId),
    output.finish(containerId, heardOut, ATTACHMENT_PATIENCE_MS),
  ]);
  if (!inspected.ok) return inspected.failure;
  // Removed in this moment by somebody: what was heard of its end still holds.
  const container = inspected.value ?? known;
  if (!container) return null;
  world.observe(container);
  if (container.state === 'running') return null;
  const lives = world.ledger.livesOf(attemptId);
  const ends = assignment.desired === 'stop' || assignment.desired === 'kill';
  if (isBetweenLives(container, lives) && !ends) {
    // Reckoned with by an earlier process: only its output was left to be read.
    const exit = lives.exits.at(-1);
    world.restarting(
      assignment,
      exit === undefined ? 'it is about to be started again' : `${exit.message}; it is about to be started again`,
      {},
    );
    return null;
  }
  const { desired, restartRequests } = assignment;
  const cause = state.progress.stopping?.cause ?? (world.ledger.fenced.has(attemptId) ? 'fenced' : null);
  const [now, chance] = [Date.now(), Math.random()];
  const after = afterEnd({ container, spec, lives, cause, desired, listened, restartRequests, now, chance });
  const { phase, reason, message, ...detail } = after.conclusion;
  const unrecorded = !heardOut && world.endedUnwatched(attemptId);
  const unknown = after.conclusion.exitCode === UNKNOWN_EXIT ? `, and ${UNKNOWN_EXIT} may stand for an exit code that is not known` : '';
  const noted = (text: string) => (unrecorded ? `${text}; ${UNRECORDED}${unknown}` : text);
  // Without the container there is nothing to be started again.
  if (after.restart && inspected.value) {
    world.ledger.lives.set(attemptId, after.lives);
    world.ledger.fenced.delete(attemptId);
    await world.ledger.saved();
    world.restarting(assignment, noted(after.message), detail);
    return null;
  }
  world.end(assignment, phase, reason, noted(message), detail);
  if (!inspected.value) world.gone(attemptId);
  return null;
}

export async function finish({ assignment, phase, reason, message }: StepPayloads['finish'], world: World): Promise<StepResult> {
  const { attemptId } = assignment;
  const container = world.container(attemptId);
  if (container?.state === 'created') world.outbox.dropOutput(attemptId);
  else if (reason === 'container-gone') await hearOut(assignment, world);
  else await world.outbox.output(attemptId)?.finish(container?.containerId ?? attemptId, false, 0);
  world.end(assignment, phase, reason, message);
  return null;
}

/** Its container is gone, and the record of its output with it: who listened all the time has it all, and nobody else can know. */
async function hearOut(assignment: Assignment, world: World): Promise<void> {
  const { attemptId } = assignment;
  const { intact, progress } = world.state(attemptId);
  const heardOut = progress.attached && intact;
  const output = world.output(assignment);
  if (!heardOut) {
    await world.secretsKnown(assignment);
    output.resume(attemptId, await world.storedOffsets(attemptId), []);
  }
  await output.finish(attemptId, heardOut, ATTACHMENT_PATIENCE_MS);
}

export async function stop({ attemptId, containerId, graceSeconds, cause }: StepPayloads['stop'], world: World): Promise<StepResult> {
  const assignment = world.ledger.assignments.get(attemptId);
  if (cause === 'fenced') {
    // Another process must know why it ended.
    world.ledger.fenced.add(attemptId);
    await world.ledger.saved();
  }
  if (assignment) {
    const signal = assignment.spec.stopSignal ?? 'the stop signal';
    const why = whyStopped(cause, assignment.spec);
    const message = `stopping: ${why}; ${signal} is sent, and SIGKILL after ${graceSeconds} s`;
    world.report(assignment, 'stopping', STOP_REASONS[cause], message);
  }
  return settle(attemptId, containerId, await world.engine.stopContainer(containerId, graceSeconds), world);
}

const STOP_REASONS: Record<StopCause, Reason> = {
  'stop-requested': 'stop-requested',
  'restart-requested': 'restart-requested',
  'kill-requested': 'kill-requested',
  'timed-out': 'timed-out',
  fenced: 'self-fenced',
  unassigned: 'stop-requested',
};

function whyStopped(cause: StopCause, spec: RunSpec): string {
  if (cause === 'fenced') return 'nothing was heard of Berth for too long';
  if (cause === 'timed-out') return `its time-out of ${spec.timeoutSeconds} s is reached`;
  return cause === 'restart-requested' ? 'a restart was asked for' : 'a stop was asked for';
}

export async function kill({ attemptId, containerId }: StepPayloads['kill'], world: World): Promise<StepResult> {
  const assignment = world.ledger.assignments.get(attemptId);
  if (assignment) world.report(assignment, 'stopping', 'kill-requested', 'killing: SIGKILL is sent');
  return settle(attemptId, containerId, await world.engine.killContainer(containerId), world);
}

/** Where nobody waits for the container's end, it has to be looked at. */
async function settle(
  attemptId: string,
  containerId: string,
  outcome: Awaited<ReturnType<World['engine']['stopContainer']>>,
  world: World,
): Promise<StepResult> {
  if (!outcome.ok) return outcome.failure;
  if (world.state(attemptId).progress.attached) return null;
  const found = await world.engine.inspectContainer(containerId);
  if (!found.ok) return found.failure;
  if (found.value) world.observe(found.value);
  else world.gone(attemptId);
  return null;
}

export async function remove({ attemptId, containerId }: StepPayloads['remove'], world: World): Promise<StepResult> {
  const removed = await world.engine.removeContainer(containerId);
  if (!removed.ok) return removed.failure;
  await world.secretFiles.remove(attemptId);
  world.gone(attemptId);
  world.ledger.removals.delete(attemptId);
  return null;
}

export async function abortPull({ attemptId }: StepPayloads['abortPull'], world: World): Promise<StepResult> {
  world.pulls.leave(attemptId);
  return null;
}

export async function forget({ attemptId }: StepPayloads['forget'], world: World): Promise<StepResult> {
  world.forget(attemptId);
  return null;
}
