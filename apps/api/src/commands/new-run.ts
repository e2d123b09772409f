/** A run before it is stored: what of its spec is kept beside it, and that it is queued. */
import { newId } from '@berth/shared/model/ids';
import { parseImageReference } from '@berth/shared/model/image-reference';
import { parseCpu, parseMemory } from '@berth/shared/model/quantity';
import { REASONS } from '@berth/shared/model/reason';
import type { CreateRun, RunSpec } from '@berth/shared/model/run';
import { protocolFor } from '@berth/shared/protocol/spec-since';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { NewRun } from '../persistence/run-inserter.ts';

export function newRun(workspace: WorkspaceRef, actor: string, { metadata, spec }: CreateRun, now: Date): NewRun {
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
    schedule_id: null,
    schedule_name: null,
    scheduled_at: null,
    array_id: null,
    array_name: null,
    array_index: null,
  };
}

/** "ghcr.io/team/hello-world:1.2" → "hello-world". */
function defaultName(spec: RunSpec): string {
  const parsed = parseImageReference(spec.image);
  const last = parsed.ok ? parsed.image.repository.split('/').at(-1) : undefined;
  return last?.slice(0, 63).replace(/[^a-z0-9]+$/, '') || 'run';
}
