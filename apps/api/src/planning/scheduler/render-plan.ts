/** A plan as text: what the golden files of the tests hold, so that a change of a rule is read as a change of plans. */
import type { HostVerdict } from '@berth/shared/model/placement';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity';
import type { PendingRun, PlacementInput, PlacementPlan } from './model.ts';

export function renderPlan({ pending, hosts }: Pick<PlacementInput, 'pending' | 'hosts'>, { placements, waiting }: PlacementPlan): string {
  const runs = new Map(pending.map((run) => [run.id, run]));
  const asked = (runId: string): string => {
    const run = runs.get(runId);
    return run ? askedBy(run) : runId;
  };
  const nameOf = (hostId: string): string => hosts.find(({ id }) => id === hostId)?.name ?? hostId;
  const placed = placements.flatMap(({ runId, hostId, ports, placement }) => [
    `${asked(runId)} -> ${nameOf(hostId)}`,
    `  ${placement.message}`,
    ...ports.map(({ hostPort, containerPort, protocol }) => `  port ${hostPort} -> ${containerPort}/${protocol}`),
    ...placement.hosts.flatMap(linesOf),
  ]);
  const left = waiting.flatMap(({ runId, waiting: { reason, message, next } }) => [
    `${asked(runId)} waits`,
    `  ${reason}: ${message}`,
    `  ${next}`,
  ]);
  return `${[`${pending.length} pending on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`, '', ...placed, ...left].join('\n')}\n`;
}

function askedBy(run: PendingRun): string {
  const labels = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`);
  return [
    `run ${Number(run.id.slice(-6))} ${run.image}`,
    ...(run.cpuMillis > 0 ? [`${formatCpu(run.cpuMillis)} cores`] : []),
    ...(run.memoryBytes > 0 ? [formatBytes(run.memoryBytes)] : []),
    ...(run.priority === 0 ? [] : [`priority ${run.priority}`]),
    ...(run.concurrency ? [`key ${run.concurrency.key} of ${run.concurrency.limit}`] : []),
    ...labels,
  ].join(', ');
}

function linesOf({ hostName, refusals, scores, total }: HostVerdict): string[] {
  if (refusals.length > 0) return [`    ${hostName} refused`, ...refusals.map(({ filter, message }) => `      ${filter}: ${message}`)];
  return [
    `    ${hostName} ${Math.round(total)} points`,
    ...scores.map(({ score, value, most, message }) => `      ${score} ${value} of ${most ?? '?'}: ${message}`),
  ];
}
