/** PURE. Which ended containers have served as evidence long enough. What is not yet reported is never removed. */
import { retryIsToCome } from './due.ts';
import type { ObservedContainer, PlanInput, Step, StepName } from './model.ts';

/** So many times the usual number may be kept while containers come and go. */
const MOST_DEFERRED = 4;
/** They come and go while one is launched, and for so long after one has ended. */
const QUIET_MS = 2000;
const LAUNCHING: ReadonlySet<StepName | null> = new Set<StepName | null>(['create', 'attach', 'start']);

export function planCollection(input: PlanInput, wakeAt: (at: number) => void): Step[] {
  if (!input.confirmed) return [];
  const steps: Step[] = [];
  const remove = ({ attemptId, containerId }: ObservedContainer) => steps.push({ step: 'remove', attemptId, containerId });
  const kept: ObservedContainer[] = [];
  for (const container of input.containers.values()) {
    if (!isEvidence(container, input)) continue;
    if (input.removals.has(container.attemptId)) remove(container);
    else kept.push(container);
  }
  kept.sort((a, b) => endOf(b) - endOf(a) || (a.attemptId < b.attemptId ? 1 : -1));
  // Removing takes the engine about as long as creating: while containers come and go it waits, within bounds.
  const quietAt = kept[0] ? endOf(kept[0]) + QUIET_MS : input.now;
  const deferred = isLaunching(input) || quietAt > input.now;
  if (deferred && kept.length > input.limits.keepEndedCount) wakeAt(quietAt);
  const room = input.limits.keepEndedCount * (deferred ? MOST_DEFERRED : 1);
  kept.forEach((container, index) => {
    const due = endOf(container) + input.limits.keepEndedMs;
    if (index >= room || due <= input.now) remove(container);
    else wakeAt(due);
  });
  return steps;
}

function isLaunching(input: PlanInput): boolean {
  for (const progress of input.progress.values()) if (LAUNCHING.has(progress.busy)) return true;
  return false;
}

/** A container that will not run (again), whose end the api knows or no longer asks for. */
function isEvidence(container: ObservedContainer, input: PlanInput): boolean {
  const progress = input.progress.get(container.attemptId);
  if (progress?.busy || retryIsToCome(progress?.retryAt ?? null, input.now) || container.state === 'running') return false;
  const assignment = input.assignments.get(container.attemptId);
  if (assignment) return progress?.delivered === true;
  // Unassigned: created ones, and those stopped for being unassigned, are removed at once elsewhere.
  return container.state === 'ended' && progress?.stopping?.cause !== 'unassigned';
}

const endOf = (container: ObservedContainer): number => container.finishedAt ?? container.createdAt;
