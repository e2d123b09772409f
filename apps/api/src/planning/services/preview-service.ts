/** What a change of a service would do, in words and numbers, by the planner that carries it out. Pure (law L2). */
import { fieldChanges } from '@berth/shared/model/field-changes';
import type { ServicePlan, ServiceTemplate } from '@berth/shared/model/service';
import type { ServiceInput } from './model.ts';
import { simulate } from './simulate.ts';

interface Change {
  /** Of the service as it would be. */
  input: ServiceInput;
  /** Null: it is new. */
  before: ServiceTemplate | null;
  after: ServiceTemplate;
}

type Step = ServicePlan['steps'][number];

export function previewService({ input, before, after }: Change): ServicePlan {
  const steps: Step[] = [];
  const there = new Set(input.replicas.filter(({ ended, ending }) => !ended && !ending).map(({ runId }) => runId));
  const stopped = new Set<string>();
  let starts = 0;
  let last = simulate(input).at(-1)?.planned;
  for (const { planned, replicas } of simulate(input)) {
    last = planned;
    starts += planned.create.length;
    for (const revision of new Set(planned.create.map((one) => one.revision))) {
      const count = planned.create.filter((one) => one.revision === revision).length;
      push(steps, { action: 'start', count, revision, message: `start ${count} of revision ${revision}` });
    }
    for (const revision of new Set(replicas.filter(({ runId }) => planned.stop.includes(runId)).map((one) => one.revision))) {
      const going = replicas.filter((one) => one.revision === revision && planned.stop.includes(one.runId));
      for (const { runId } of going) if (there.has(runId)) stopped.add(runId);
      push(steps, { action: 'stop', count: going.length, revision, message: `stop ${going.length} of revision ${revision}` });
    }
  }
  if (last?.rollout.state === 'canary') {
    steps.push({ action: 'wait', count: last.counts.updated, revision: last.target, message: 'wait until it is promoted or rolled back' });
  }
  if (last?.rollout.state === 'paused') {
    steps.push({ action: 'wait', count: 0, revision: last.target, message: 'wait: it is paused' });
  }
  const stops = stopped.size;
  const keeps = there.size - stops;
  const changes = before === null ? [] : fieldChanges(before, after);
  return { summary: summaryOf({ starts, stops, keeps, after, before }), starts, stops, keeps, steps, changes };
}

/** Steps of one kind that follow one another are one. */
function push(steps: Step[], step: Step): void {
  const last = steps.at(-1);
  if (last?.action !== step.action || last.revision !== step.revision) {
    steps.push(step);
    return;
  }
  last.count += step.count;
  last.message = `${step.action} ${last.count} of revision ${step.revision}`;
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
