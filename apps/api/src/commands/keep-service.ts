/** Services are created, changed, scaled, rolled back and deleted; and what a change would do is told before it is done. */
import { BerthError } from '@berth/shared/errors/problem';
import { newId } from '@berth/shared/model/ids';
import type { CreateService, Service, ServicePlan, ServiceSpec, ServiceTemplate, UpdateService } from '@berth/shared/model/service';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { type ServiceChange, ServiceRepository, type Steering } from '../persistence/service-repository.ts';
import { previewService } from '../planning/services/preview-service.ts';
import { replicaLabels, replicaName, replicaSpec } from '../planning/services/replica-spec.ts';
import { emptyService } from '../planning/services/simulate.ts';
import { wishesOf } from '../planning/services/wishes.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { Admission } from './admission.ts';
import { newRun } from './new-run.ts';

export interface CreateServiceInput {
  workspace: WorkspaceRef;
  actor: string;
  body: CreateService;
  claim?: IdempotencyClaim;
}

@Injectable()
export class KeepServiceCommand {
  constructor(
    private readonly services: ServiceRepository,
    private readonly admission: Admission,
    private readonly wakeups: Wakeups,
  ) {}

  async create({ workspace, actor, body, claim }: CreateServiceInput): Promise<Service> {
    const template = await this.admit(workspace, body);
    const id = newId('service');
    const earlier = await this.services.insert({ ...body, id, workspaceId: workspace.id, template, actor }, claim);
    this.announce(workspace.id);
    return this.read(workspace.id, earlier?.resourceId ?? id);
  }

  /** What `create` would do, or why it would be refused; nothing is stored. */
  async tryCreate(workspace: WorkspaceRef, body: CreateService): Promise<ServicePlan> {
    const plan = await this.planCreate(workspace, body);
    await this.services.refuseTaken(workspace.id, null, { name: body.metadata.name, routes: body.spec.routes });
    return plan;
  }

  /** As `tryCreate`, whatever other services have now: they may change before it. */
  async planCreate(workspace: WorkspaceRef, body: CreateService): Promise<ServicePlan> {
    await this.admit(workspace, body);
    const input = { ...emptyService(wishesOf(body.spec, null), Date.now()), pinned: true };
    return previewService({ input, before: null, after: body.spec.template });
  }

  async update(change: ServiceChange, body: UpdateService): Promise<Service> {
    const template = body.spec && (await this.admitTemplate(change.workspaceId, body.spec));
    if (await this.services.update(change, body, template)) this.announce(change.workspaceId);
    return this.read(change.workspaceId, change.serviceId);
  }

  /** What `update` to this spec would do, or why it would be refused; nothing is stored. */
  async tryUpdate(workspaceId: string, serviceId: string, spec: ServiceSpec): Promise<ServicePlan> {
    // First of all whether it is there: of another workspace's service nothing is said (law L9).
    const plan = await this.planUpdate(workspaceId, serviceId, spec);
    await this.services.refuseTaken(workspaceId, serviceId, { name: null, routes: spec.routes });
    return plan;
  }

  /** As `tryUpdate`, whatever other services have now: they may change before it. */
  async planUpdate(workspaceId: string, serviceId: string, spec: ServiceSpec): Promise<ServicePlan> {
    await this.admitTemplate(workspaceId, spec);
    const would = await this.services.wouldBe(workspaceId, serviceId, spec);
    if (!would) throw notFound(serviceId);
    return previewService({ ...would, after: spec.template });
  }

  async steer(change: ServiceChange, steering: Steering): Promise<Service> {
    if (await this.services.steer(change, steering)) this.announce(change.workspaceId);
    return this.read(change.workspaceId, change.serviceId);
  }

  /** Rolls out its template with the newest versions of the secrets of which it names none. Throws `conflict` where it has them already. */
  async renew(change: ServiceChange): Promise<Service> {
    const { spec } = await this.read(change.workspaceId, change.serviceId);
    const template = await this.admitTemplate(change.workspaceId, spec);
    return this.steer(change, { action: 'renew', template });
  }

  async delete(change: ServiceChange): Promise<void> {
    await this.services.delete(change);
    this.announce(change.workspaceId);
  }

  /** Throws `not-found`. */
  async read(workspaceId: string, id: string): Promise<Service> {
    const service = await this.services.get(workspaceId, id);
    if (!service) throw notFound(id);
    return service;
  }

  /** Its template as its first revision has it. */
  private async admit(workspace: WorkspaceRef, { metadata, spec }: CreateService): Promise<ServiceTemplate> {
    const { name } = metadata;
    const { template } = spec;
    const replica = newRun(
      workspace,
      `service:${name}`,
      {
        metadata: { name: replicaName(name, 1), labels: replicaLabels(name, template) },
        spec: replicaSpec({ serviceName: name, template, digest: null, spreadOver: spec.spreadOver }),
      },
      new Date(),
    );
    const [admitted] = await Promise.all([this.admitTemplate(workspace.id, spec), this.admission.refuseTakenPorts(replica)]);
    return admitted;
  }

  private async admitTemplate(workspaceId: string, { template }: ServiceSpec): Promise<ServiceTemplate> {
    return { ...template, spec: await this.admission.admit(workspaceId, template.spec, TEMPLATE) };
  }

  private announce(workspaceId: string): void {
    this.wakeups.notify('services', 'routes', `events:${workspaceId}`);
  }
}

/** Where the spec of a replica stands in the request. */
const TEMPLATE = 'spec.template.spec';

const notFound = (id: string) => new BerthError('not-found', `There is no service ${id}.`);
