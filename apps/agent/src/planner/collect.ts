/** PURE. Which ended containers have served as evidence long enough. What is not yet reported is never removed. */
import type { ObservedContainer, PlanInput, Step } from './model.ts';

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
  kept.forEach((container, index) => {
    const due = endOf(container) + input.limits.keepEndedMs;
    if (index >= input.limits.keepEndedCount || due <= input.now) remove(container);
    else wakeAt(due);
  });
  return steps;
}

/** A container that will not run (again), whose end the api knows or no longer asks for. */
function isEvidence(container: ObservedContainer, input: PlanInput): boolean {
  const progress = input.progress.get(container.attemptId);
  if (progress?.busy || (progress?.retryAt ?? 0) > input.now || container.state === 'running') return false;
  const assignment = input.assignments.get(container.attemptId);
  if (assignment) return progress?.delivered === true;
  // Unassigned: created ones, and those stopped for being unassigned, are removed at once elsewhere.
  return container.state === 'ended' && progress?.stopping?.cause !== 'unassigned';
}

const endOf = (container: ObservedContainer): number => container.finishedAt ?? container.createdAt;
