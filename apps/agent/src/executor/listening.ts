/** To the end of a container, and to nothing where its start came to nothing. */
import type { Assignment } from '@berth/shared/protocol/agent';
import type { ObservedContainer } from '../planner/model.ts';
import type { World } from './world.ts';

export function listen(
  attemptId: string,
  containerId: string,
  waiting: { fate: Promise<Parameters<World['fate']>[2]>; close(): void },
  world: World,
): void {
  const state = world.state(attemptId);
  state.progress.attached = true;
  state.intact = true;
  state.stopWaiting = waiting.close;
  void waiting.fate.then((fate) => world.fate(attemptId, containerId, fate));
}

/** Nothing was written, and what was attached for a start that came to nothing must not listen to the next one as well. */
export async function stopListening({ attemptId }: Assignment, container: ObservedContainer | null, world: World): Promise<void> {
  const state = world.state(attemptId);
  state.stopWaiting?.();
  state.stopWaiting = null;
  state.progress.attached = false;
  if (container?.state === 'ended') await world.outbox.output(attemptId)?.letGo(container.containerId);
  else world.outbox.dropOutput(attemptId);
}
