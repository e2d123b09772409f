/** What a change of a service would do, in words and numbers, by the planner that carries it out. Pure (law L2). */
import { fieldChanges } from '@berth/shared/model/field-changes';
import type { ServicePlan, ServiceTemplate } from '@berth/shared/model/service';
import type { ReplicaState, ServiceInput } from './model.ts';
import { simulate } from './simulate.ts';

interface Change {
  /** Of the service as it would be. */
  input: ServiceInput;
  /** Null: it is new. */
  before: ServiceTemplate | null;
  after: ServiceTemplate;
}

type Step = ServicePlan['steps'][number];

/** A service of hundreds is rolled in as many steps: what follows is more of the same, and is counted. */
const MOST_STEPS = 100;

export function previewService({ input, before, after }: Change): ServicePlan {
  const there = new Set(input.replicas.filter(isThere).map(({ runId }) => runId));
  const steps: Step[] = [];
  const stopped = new Set<string>();
  let starts = 0;
  const simulated = simulate(input, undefined, MOST_STEPS);
  for (const { planned, replicas } of simulated) {
    starts += planned.create.length;
    for (const [revision, count] of countByRevision(planned.create)) push(steps, 'start', count, revision);
    // What leaves goes, though it is stopped a while later.
    const goes = new Set([...planned.leave, ...planned.stop]);
    const going = replicas.filter(({ runId, leavingAt }) => goes.has(runId) && leavingAt === null);
    for (const { runId } of going) if (there.has(runId)) stopped.add(runId);
    for (const [revision, count] of countByRevision(going)) push(steps, 'stop', count, revision);
  }
  const last = simulated.at(-1);
  if (last && simulated.length === MOST_STEPS) {
    const { desired } = input.wishes;
    const left = last.replicas.filter((one) => isThere(one) && one.revision !== last.planned.target);
    for (const { runId } of left) if (there.has(runId)) stopped.add(runId);
    starts += Math.max(0, desired - last.planned.counts.updated);
    steps.push({ action: 'wait', count: left.length, revision: last.planned.target, message: `and so on, until all ${desired} are new` });
  }
  if (last?.planned.rollout.state === 'canary') {
    const { counts, target } = last.planned;
    steps.push({ action: 'wait', count: counts.updated, revision: target, message: 'wait until it is promoted or rolled back' });
  }
  if (last?.planned.rollout.state === 'paused') {
    steps.push({ action: 'wait', count: 0, revision: last.planned.target, message: 'wait: it is paused' });
  }
  const stops = stopped.size;
  const keeps = there.size - stops;
  const changes = before === null ? [] : fieldChanges(before, after);
  return { summary: summaryOf({ starts, stops, keeps, after, before }), starts, stops, keeps, steps, changes };
}

const isThere = ({ ended, ending, leavingAt }: ReplicaState): boolean => !ended && !ending && leavingAt === null;

function countByRevision(some: readonly { revision: number }[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { revision } of some) counts.set(revision, (counts.get(revision) ?? 0) + 1);
  return counts;
}

/** Steps of one kind that follow one another are one. */
function push(steps: Step[], action: 'start' | 'stop', more: number, revision: number): void {
  const last = steps.at(-1);
  const same = last?.action === action && last.revision === revision ? last : null;
  const count = (same?.count ?? 0) + more;
  const step = { action, count, revision, message: `${action} ${count} of revision ${revision}` };
  if (same) steps[steps.length - 1] = step;
  else steps.push(step);
}

interface Summary {
  starts: number;
  stops: number;
  keeps: number;
  before: ServiceTemplate | null;
  after: ServiceTemplate;
}

/** "2 started, 2 stopped, port 8080 kept" */
function summaryOf({ starts, stops, keeps, before, after }: Summary): string {
  if (starts === 0 && stops === 0) return keeps === 0 ? 'nothing is started' : `nothing is started or stopped, ${keeps} kept`;
  const parts = [`${starts} started`, `${stops} stopped`];
  if (keeps > 0) parts.push(`${keeps} kept`);
  const held = new Set(fixedPorts(before));
  for (const port of fixedPorts(after)) parts.push(`port ${port} ${before !== null && held.has(port) ? 'kept' : 'opened'}`);
  const now = new Set(fixedPorts(after));
  for (const port of held) if (!now.has(port)) parts.push(`port ${port} closed`);
  return parts.join(', ');
}

const fixedPorts = (template: ServiceTemplate | null): number[] =>
  (template?.spec.ports ?? []).flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]));
