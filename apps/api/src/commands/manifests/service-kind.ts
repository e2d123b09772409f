/** Services in manifests. What a change of one would roll out is told by the planner that rolls it. */
import { createServiceSchema, type Service, type ServicePlan } from '@berth/shared/model/service';
import { Injectable } from '@nestjs/common';
import { ServiceRepository } from '../../persistence/service-repository.ts';
import type { After } from '../../planning/manifests/model.ts';
import type { Present } from '../../planning/manifests/plan-apply.ts';
import { plain } from '../../planning/manifests/read-manifests.ts';
import { KeepServiceCommand } from '../keep-service.ts';
import type { Caller, Desired, KindHandler, Reached } from './kind-handler.ts';

@Injectable()
export class ServiceKind implements KindHandler {
  constructor(
    private readonly services: ServiceRepository,
    private readonly keep: KeepServiceCommand,
  ) {}

  async find(workspaceId: string, name: string): Promise<Present | null> {
    const service = await this.services.byName(workspaceId, name);
    return service && presentOf(service);
  }

  async get(workspaceId: string, id: string): Promise<Present | null> {
    const service = await this.services.get(workspaceId, id);
    return service && presentOf(service);
  }

  async list(workspaceId: string, limit: number): Promise<Present[]> {
    return (await this.services.list(workspaceId, { limit })).slice(0, limit).map(presentOf);
  }

  async check({ workspace }: Caller, desired: Desired): Promise<void> {
    await this.keep.planCreate(workspace, bodyOf(desired));
  }

  async explain({ workspace }: Caller, present: Present | undefined, desired: Desired): Promise<string | undefined> {
    const body = bodyOf(desired);
    const plan: ServicePlan = present
      ? await this.keep.planUpdate(workspace.id, present.id, body.spec)
      : await this.keep.planCreate(workspace, body);
    return `${plan.summary.charAt(0).toUpperCase()}${plan.summary.slice(1)}.`;
  }

  async create({ workspace, actor }: Caller, desired: Desired): Promise<string> {
    return (await this.keep.create({ workspace, actor, body: bodyOf(desired) })).metadata.id;
  }

  async update({ workspace, actor }: Caller, { id, version }: Present, desired: Desired): Promise<void> {
    const { metadata, spec } = bodyOf(desired);
    const change = { workspaceId: workspace.id, serviceId: id, actor, ifMatch: version };
    await this.keep.update(change, { metadata: { labels: metadata.labels }, spec });
  }

  async delete({ workspace, actor }: Caller, { id }: Present): Promise<void> {
    await this.keep.delete({ workspaceId: workspace.id, serviceId: id, actor });
  }

  /** Ready is running, and healthy where it has a check. */
  async reached(workspaceId: string, id: string, until: After['until']): Promise<Reached> {
    const service = await this.services.get(workspaceId, id);
    if (!service) return { state: 'never', message: 'it was deleted' };
    if (until === 'applied') return { state: 'yes' };
    if (until === 'completed') return { state: 'never', message: 'a service goes on, and does not end' };
    const { observedGeneration, ready, desired, rollout, message } = service.status;
    if (observedGeneration >= service.metadata.generation && ready > 0 && ready >= desired && rollout !== 'rolling')
      return { state: 'yes' };
    const hopeless = rollout === 'failed' || rollout === 'rolled-back';
    return { state: hopeless ? 'never' : 'not-yet', message };
  }
}

const bodyOf = ({ name, labels, spec }: Desired) => createServiceSchema.parse({ metadata: { name, labels }, spec });

function presentOf({ metadata, spec }: Service): Present {
  const { id, name, labels, resourceVersion: version } = metadata;
  return { id, name, version, labels, spec: plain(spec) };
}
