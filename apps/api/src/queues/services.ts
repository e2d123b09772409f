/**
 * Services are looked at when something of them changed, and when their time has come: from what Postgres says then, without Redis (law L1).
 * What happens in a workspace that has services wakes the looks within moments; the sweep makes up for a lost wake-up.
 */
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { newRun } from '../commands/new-run.ts';
import { type DueService, type MakeReplica, ServiceSteps } from '../persistence/service-steps.ts';
import { replicaLabels, replicaName, replicaSpec } from '../planning/services/replica-spec.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';
import { Coalescing } from './coalescing.ts';
import { ServicePins } from './service-pins.ts';
import { WorkQueues } from './work-queues.ts';

/** Between two looks at what is due in a workspace: a report of a host with many replicas comes in parts. */
const PAUSE_MS = 20;
/** Looks at once: each holds a connection. */
const AT_ONCE = 4;

@Injectable()
export class Services implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Services');
  private readonly watched = new Map<string, () => void>();
  private readonly woken = new Coalescing((workspaceIds) => this.lookIn(workspaceIds), PAUSE_MS);
  private readonly asked = new Coalescing(() => this.lookIn([null]), PAUSE_MS);
  private unsubscribe: () => void = () => undefined;
  private closing = false;

  constructor(
    private readonly steps: ServiceSteps,
    private readonly pins: ServicePins,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  onApplicationBootstrap(): void {
    // A workspace's first service: nobody follows it yet.
    this.unsubscribe = this.wakeups.subscribe('services', () => this.asked.add(['any']));
  }

  /** For the sweep. Safe to call at any time and from several processes. */
  async goOn(): Promise<void> {
    await this.watch();
    await this.lookAt(await this.steps.due(null));
  }

  onModuleDestroy(): void {
    this.closing = true;
    this.unsubscribe();
    for (const stop of this.watched.values()) stop();
  }

  /** Follows what happens in the workspaces that have services, and in no others. */
  private async watch(): Promise<void> {
    const having = new Set(await this.steps.workspaces());
    for (const workspaceId of having) {
      if (!this.watched.has(workspaceId)) {
        this.watched.set(
          workspaceId,
          this.wakeups.subscribe(`events:${workspaceId}`, () => this.woken.add([workspaceId])),
        );
      }
    }
    for (const [workspaceId, stop] of this.watched) {
      if (having.has(workspaceId)) continue;
      stop();
      this.watched.delete(workspaceId);
    }
  }

  /** Null: in all of them. Never rejects: the sweep looks again. */
  private async lookIn(workspaceIds: readonly (string | null)[]): Promise<void> {
    try {
      if (workspaceIds.includes(null)) await this.watch();
      for (const workspaceId of workspaceIds) await this.lookAt(await this.steps.due(workspaceId));
    } catch (error) {
      if (!this.closing) this.log.warn(`cannot look at services now: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async lookAt(due: readonly DueService[]): Promise<void> {
    for (let from = 0; from < due.length && !this.closing; from += AT_ONCE) {
      await Promise.all(due.slice(from, from + AT_ONCE).map((one) => this.tryToLook(one)));
    }
  }

  /** What is wrong with one is in nobody else's way: neither of other services nor of what else the sweep does. */
  private async tryToLook(one: DueService): Promise<void> {
    try {
      await this.look(one);
    } catch (error) {
      if (!this.closing)
        this.log.warn(`service ${one.serviceId} cannot be looked at now: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async look(one: DueService): Promise<void> {
    const looked = await this.steps.look(one, makeReplica);
    if (!looked) return;
    if (looked.changed)
      this.wakeups.notify(`events:${looked.workspaceId}`, ...hostTopics(looked.hostIds), ...looked.created.flatMap(runTopics));
    if (looked.changed && looked.routed) this.wakeups.notify('routes');
    if (looked.created.length > 0) void this.queues.wakePlacement(looked.workspaceId);
    // Asked beside: a registry that is slow holds up no other service.
    if (looked.unpinned) this.pins.ask(looked.unpinned, () => this.woken.add([looked.workspaceId]));
  }
}

const makeReplica: MakeReplica = (service, revision, slot) => {
  const { name, workspace_id: id, workspace_slug: slug } = service;
  const { template, digest } = revision;
  const body = {
    metadata: { name: replicaName(name, slot), labels: replicaLabels(name, template) },
    spec: replicaSpec({ serviceName: name, template, digest, spreadOver: service.spec.spreadOver }),
  };
  const run = newRun({ id, slug }, `service:${name}`, body, new Date());
  return { ...run, service: { id: service.id, revision: revision.number, slot } };
};
