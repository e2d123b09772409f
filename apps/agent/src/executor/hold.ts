/** `hold`: the processes of a running container are held still, or let go on. */
import type { Assignment } from '@berth/shared/protocol/agent';
import type { ObservedContainer, StepPayloads } from '../planner/model.ts';
import type { StepResult, World } from './world.ts';

export async function hold({ assignment, containerId, still }: StepPayloads['hold'], world: World): Promise<StepResult> {
  const done = still ? await world.engine.pauseContainer(containerId) : await world.engine.resumeContainer(containerId);
  if (!done.ok) return done.failure;
  // It may have ended meanwhile, and what was asked for then came to nothing: the look tells.
  const found = await world.engine.inspectContainer(containerId);
  if (!found.ok) return found.failure;
  if (!found.value) {
    world.gone(assignment.attemptId);
    return null;
  }
  world.observe(found.value);
  if (found.value.state !== 'running') return null;
  reportRunning(assignment, found.value, world);
  if ((found.value.paused ?? false) === still) return null;
  // The engine's answers do not always tell a refusal from what was so already. Asked again at once, it would be asked in a loop.
  const message = still ? 'the engine did not pause the container' : 'the engine did not let the container go on';
  return { kind: 'cannot-now', reason: 'engine-error', message };
}

/** That it runs, or is held still. */
export function reportRunning(assignment: Assignment, container: ObservedContainer | undefined, world: World): void {
  if (container?.paused) world.report(assignment, 'running', 'paused', 'paused by request');
  else world.report(assignment, 'running', 'running', 'running');
}
