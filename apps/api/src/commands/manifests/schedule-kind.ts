/** Schedules in manifests. */
import { createScheduleSchema, type Schedule } from '@berth/shared/model/schedule';
import { Injectable } from '@nestjs/common';
import { ScheduleRepository } from '../../persistence/schedule-repository.ts';
import type { Present } from '../../planning/manifests/plan-apply.ts';
import { plain } from '../../planning/manifests/read-manifests.ts';
import { Admission } from '../admission.ts';
import { ChangeScheduleCommand } from '../change-schedule.ts';
import { CreateScheduleCommand } from '../create-schedule.ts';
import type { Caller, Desired, KindHandler, Reached } from './kind-handler.ts';

@Injectable()
export class ScheduleKind implements KindHandler {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly createSchedule: CreateScheduleCommand,
    private readonly changeSchedule: ChangeScheduleCommand,
    private readonly admission: Admission,
  ) {}

  async find(workspaceId: string, name: string): Promise<Present | null> {
    const found = await this.schedules.named(workspaceId, name);
    return found && presentOf(found);
  }

  async get(workspaceId: string, id: string): Promise<Present | null> {
    const found = await this.schedules.get(workspaceId, id);
    return found && presentOf(found);
  }

  async list(workspaceId: string, limit: number): Promise<Present[]> {
    return (await this.schedules.list(workspaceId, { limit })).slice(0, limit).map(presentOf);
  }

  async check({ workspace }: Caller, desired: Desired): Promise<void> {
    const body = bodyOf(desired);
    this.createSchedule.startsOf(body);
    await this.admission.admit(workspace.id, body.spec.template.spec, 'spec.template.spec');
  }

  /** When it would start next, with the cron that it is to have. */
  async explain(_caller: Caller, _present: Present | undefined, desired: Desired): Promise<string | undefined> {
    const body = bodyOf(desired);
    if (body.spec.paused) return 'Paused: it starts nothing by itself.';
    const [first] = this.createSchedule.startsOf(body).starts;
    return first === undefined ? 'Its cron names no more times.' : `Starts next at ${first}.`;
  }

  async create({ workspace, actor }: Caller, desired: Desired): Promise<string> {
    return (await this.createSchedule.execute(workspace, actor, bodyOf(desired))).metadata.id;
  }

  async update({ workspace, actor }: Caller, { id, version }: Present, desired: Desired): Promise<void> {
    const { metadata, spec } = bodyOf(desired);
    const change = { workspaceId: workspace.id, scheduleId: id, actor, ifMatch: version };
    await this.changeSchedule.update(change, { metadata: { labels: metadata.labels }, spec });
  }

  async delete({ workspace, actor }: Caller, { id }: Present): Promise<void> {
    await this.changeSchedule.remove({ workspaceId: workspace.id, scheduleId: id, actor });
  }

  /** It is ready with its row. */
  async reached(): Promise<Reached> {
    return { state: 'yes' };
  }
}

const bodyOf = ({ name, labels, spec }: Desired) => createScheduleSchema.parse({ metadata: { name, labels }, spec });

function presentOf({ metadata, spec }: Schedule): Present {
  const { id, name, labels, resourceVersion: version } = metadata;
  return { id, name, version, labels, spec: plain(spec) };
}
