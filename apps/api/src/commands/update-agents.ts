/** Another version of their agents for hosts, in stages; and one that is under way is paused, let go on, or cancelled. */
import { BerthError } from '@berth/shared/errors/problem';
import type { AgentUpdate, AgentUpdateSpec } from '@berth/shared/model/agent-update';
import type { Host } from '@berth/shared/model/host';
import { newId } from '@berth/shared/model/ids';
import { Injectable } from '@nestjs/common';
import { AgentBundle } from '../install/agent-bundle.ts';
import { type AgentUpdateChange, AgentUpdateRepository, type Steering } from '../persistence/agent-update-repository.ts';
import { type HostChange, HostRepository } from '../persistence/host-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { type PlannedHost, planStages } from '../planning/agent-updates/plan-stages.ts';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class UpdateAgentsCommand {
  constructor(
    private readonly updates: AgentUpdateRepository,
    private readonly hosts: HostRepository,
    private readonly agents: AgentBundle,
    private readonly wakeups: Wakeups,
  ) {}

  /** Throws `conflict` where none of the hosts can be updated, or needs to be. */
  async create(workspaceId: string, actor: string, spec: AgentUpdateSpec, claim?: IdempotencyClaim): Promise<AgentUpdate> {
    const { version, sha256, content } = this.agents.read();
    const update = { workspaceId, actor, spec, version, sha256, bytes: content.length, line: this.agents.updateLine };
    const id = await this.updates.create(
      { id: newId('agentUpdate'), ...update },
      (candidates) => somebody(planStages(candidates, spec, sha256), version),
      claim,
    );
    this.wakeups.notify(`events:${workspaceId}`);
    return this.read(workspaceId, id);
  }

  /** An update of one. */
  async host({ workspaceId, hostId, actor }: HostChange, claim?: IdempotencyClaim): Promise<Host> {
    await this.readHost(workspaceId, hostId);
    await this.create(workspaceId, actor, { hosts: [hostId], batchSize: 1, stopAfterFailures: 1 }, claim);
    return this.readHost(workspaceId, hostId);
  }

  async steer(change: AgentUpdateChange, how: Steering): Promise<AgentUpdate> {
    if (await this.updates.steer(change, how)) this.wakeups.notify(`events:${change.workspaceId}`);
    return this.read(change.workspaceId, change.id);
  }

  /** Throws `not-found`. */
  async read(workspaceId: string, id: string): Promise<AgentUpdate> {
    const update = await this.updates.get(workspaceId, id);
    if (!update) throw new BerthError('not-found', `There is no update of agents ${id}.`);
    return update;
  }

  private async readHost(workspaceId: string, hostId: string): Promise<Host> {
    const host = await this.hosts.get(workspaceId, hostId);
    if (!host) throw new BerthError('not-found', `There is no host ${hostId}.`);
    return host;
  }
}

function somebody(hosts: PlannedHost[], version: string): PlannedHost[] {
  if (hosts.some(({ state }) => state === 'waiting')) return hosts;
  const [first, ...others] = hosts;
  if (!first) throw new BerthError('conflict', `There is nothing to update: every host that is asked for runs version ${version} already.`);
  const more = others.length === 0 ? '' : ` The same or another reason holds for ${others.length} more.`;
  throw new BerthError('conflict', `${first.hostName} cannot be updated from here now: ${first.message}.${more}`);
}
