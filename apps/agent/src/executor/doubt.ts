/**
 * A start that was sent to an engine which went away before it answered. An engine that dies in that moment may have begun the process and
 * not yet written it down; when it is back it shows the container as never started, and would start it a second time if it were asked to
 * (law L5). So it is not asked: what did not begin visibly is told as not known.
 */
import type { Failure } from '@berth/shared/errors/outcome';
import { SETTLE_MS } from '../planner/due.ts';
import { afterRefusedStart, isBetweenLives } from '../planner/lives.ts';
import type { StepPayloads } from '../planner/model.ts';
import { stopListening } from './listening.ts';
import type { StepResult, World } from './world.ts';

const UNKNOWN: Extract<Failure, { kind: 'cannot-ever' }> = {
  kind: 'cannot-ever',
  reason: 'start-unknown',
  message: 'the container engine went away while it was starting the container: whether it ran is not known',
};

/** Durable before anything else is done about it: another process must not start it either. */
export async function doubtStart(attemptId: string, world: World): Promise<void> {
  const until = Date.now() + SETTLE_MS;
  world.ledger.doubts.set(attemptId, until);
  world.state(attemptId).progress.doubtUntil = until;
  await world.ledger.saved();
}

export async function doubt({ assignment, containerId }: StepPayloads['doubt'], world: World): Promise<StepResult> {
  const { attemptId, spec, desired } = assignment;
  const found = await world.engine.inspectContainer(containerId);
  if (!found.ok) return found.failure;
  const container = found.value;
  const lives = world.ledger.livesOf(attemptId);
  if (container === null) {
    world.gone(attemptId);
    return null;
  }
  if (container.state !== 'created' && !isBetweenLives(container, lives)) {
    world.observe(container);
    return null;
  }
  await stopListening(assignment, container, world);
  const ends = desired === 'stop' || desired === 'kill';
  const { message } = UNKNOWN;
  const [now, chance] = [Date.now(), Math.random()];
  const next = ends ? null : afterRefusedStart({ container, spec, lives, failure: UNKNOWN, message, now, chance });
  if (!next) {
    // The doubt stays in the ledger: until the end is stored another process must not start it either.
    world.end(assignment, 'lost', 'start-unknown', `${message}, and it is not started a second time`);
    return null;
  }
  world.ledger.lives.set(attemptId, next.lives);
  world.ledger.doubts.delete(attemptId);
  world.state(attemptId).progress.doubtUntil = null;
  await world.ledger.saved();
  world.restarting(assignment, next.message, { exitCode: next.exitCode });
  return null;
}
