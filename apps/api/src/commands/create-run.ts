/** Admission of a run: what can be known to be wrong now is refused now; the rest is stored, and placed by the scheduler. */
import { BerthError } from '@berth/shared/errors/problem';
import { policyDemandOf } from '@berth/shared/model/host-policy';
import { newId } from '@berth/shared/model/ids';
import { parseImageReference } from '@berth/shared/model/image-reference';
import { parseCpu, parseMemory } from '@berth/shared/model/quantity';
import { REASONS } from '@berth/shared/model/reason';
import type { CreateRun, Run, RunSpec } from '@berth/shared/model/run';
import { protocolFor } from '@berth/shared/protocol/spec-since';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { PolicyRepository } from '../persistence/policy-repository.ts';
import { PortRepository } from '../persistence/port-repository.ts';
import type { NewRun } from '../persistence/run-inserter.ts';
import { toRun } from '../persistence/run-mapper.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { RunWrites } from '../persistence/run-writes.ts';
import { SecretValues } from '../persistence/secret-values.ts';
import { refusedByHosts } from '../planning/admission/refused-by-hosts.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { Wakeups } from '../realtime/wakeups.ts';

export interface CreateRunInput {
  workspace: WorkspaceRef;
  actor: string;
  body: CreateRun;
  claim?: IdempotencyClaim;
}

@Injectable()
export class CreateRunCommand {
  constructor(
    private readonly writes: RunWrites,
    private readonly runs: RunRepository,
    private readonly ports: PortRepository,
    private readonly policies: PolicyRepository,
    private readonly secrets: SecretValues,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  async execute({ workspace, actor, body, claim }: CreateRunInput): Promise<Run> {
    const spec = await this.secrets.pin(workspace.id, body.spec);
    const run = newRun(workspace, actor, { ...body, spec }, new Date());
    await Promise.all([this.refuseTakenPorts(run), this.refuseWhatNoHostAllows(run)]);
    const earlier = await this.writes.insert(run, claim);
    if (earlier) {
      const first = await this.runs.get(workspace.id, earlier.resourceId);
      if (!first) throw new BerthError('not-found', `The run ${earlier.resourceId} that this Idempotency-Key made was deleted.`);
      return first;
    }
    this.wakeups.notify(`events:${workspace.id}`);
    void this.queues.wakePlacement(workspace.id);
    return toRun(run, []);
  }

  /** An ordinary run is asked about only where a host limits those, too. */
  private async refuseWhatNoHostAllows({ workspace_id, spec }: NewRun): Promise<void> {
    const ordinary = !spec.privileged && !spec.capabilities?.add && !spec.network && !spec.mounts;
    if (ordinary && !(await this.policies.limitsAny(workspace_id))) return;
    const refused = refusedByHosts(await this.policies.ofHosts(workspace_id), policyDemandOf(spec));
    if (refused) throw new BerthError('refused-by-hosts', refused.detail, { errors: refused.errors });
  }

  private async refuseTakenPorts(run: NewRun): Promise<void> {
    const holder = await this.ports.holderInTheWay(run.workspace_id, run.spec.ports ?? [], run.cpuMillis, run.memoryBytes);
    if (!holder) return;
    const { runId, runName, hostName, hostPort, protocol, freeHostPort } = holder;
    const offer = freeHostPort === null ? '' : ` Port ${freeHostPort} is free there.`;
    throw new BerthError(
      'host-port-taken',
      `Host port ${hostPort}/${protocol} is held by run "${runName}" on host "${hostName}".${offer}`,
      {
        holder: { runId, runName, hostName },
        ...(freeHostPort !== null && { freeHostPort }),
      },
    );
  }
}

function newRun(workspace: WorkspaceRef, actor: string, { metadata, spec }: CreateRun, now: Date): NewRun {
  const at = now.toISOString();
  const reason = 'waiting-for-placement';
  const message = REASONS[reason];
  return {
    id: newId('run', now.getTime()),
    workspace_id: workspace.id,
    workspace_slug: workspace.slug,
    name: metadata?.name ?? defaultName(spec),
    labels: metadata?.labels ?? {},
    spec,
    image: spec.image,
    cpuMillis: spec.resources?.cpu === undefined ? 0 : (parseCpu(spec.resources.cpu) ?? 0),
    memoryBytes: spec.resources?.memory === undefined ? 0 : (parseMemory(spec.resources.memory) ?? 0),
    protocol: protocolFor(spec),
    priority: spec.priority ?? 0,
    concurrencyKey: spec.concurrency?.key ?? null,
    createdBy: actor,
    desired: 'run',
    generation: 1,
    observed_generation: 0,
    phase: 'queued',
    reason,
    message,
    waiting: { reason, message, since: at, deadline: null, next: 'The scheduler looks for a host within moments.' },
    exit_code: null,
    signal: null,
    oom_killed: false,
    image_digest: null,
    host_id: null,
    host_name: null,
    phase_times: { queued: at },
    log_bytes: 0,
    resource_version: 1,
    created_at: now,
    started_at: null,
    finished_at: null,
    restarts: 0,
    health: null,
  };
}

/** "ghcr.io/team/hello-world:1.2" → "hello-world". */
function defaultName(spec: RunSpec): string {
  const parsed = parseImageReference(spec.image);
  const last = parsed.ok ? parsed.image.repository.split('/').at(-1) : undefined;
  return last?.slice(0, 63).replace(/[^a-z0-9]+$/, '') || 'run';
}
