/**
 * Judges hosts by the api's own clock: a host is ready while its session is open, its engine answers and its heartbeats come. One that is
 * silent for long counts as lost, and what may be is placed elsewhere; every judgement is made anew at each tick, by any replica.
 */
import { randomBytes } from 'node:crypto';
import type { RunSpec } from '@berth/shared/model/run';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { type Grace, type Heartbeat, type HostChange, LivenessRepository } from '../persistence/liveness-repository.ts';
import { LossRepository } from '../persistence/loss-repository.ts';
import type { Released } from '../persistence/release-attempts.ts';
import { fenceAfterSeconds } from '../planning/host-loss/fence-times.ts';
import { planHostLoss } from '../planning/host-loss/plan-host-loss.ts';
import { lackingRoomElsewhere } from '../planning/host-loss/room-elsewhere.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';

/** Heartbeats that may be missed. */
const MISSED_HEARTBEATS = 3;
const FLUSH_MS = 100;
/** A link that breaks and is back this soon was never away. */
const RECONNECT_GRACE_MS = 2_000;

@Injectable()
export class Liveness implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('Liveness');
  private readonly heartbeats = new Map<string, { heartbeat: Heartbeat; stored: () => void }>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly grace: Grace;
  private flushing = false;
  private closing = false;

  constructor(
    private readonly repository: LivenessRepository,
    private readonly losses: LossRepository,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
    @Inject(ENV) env: Env,
  ) {
    // After a start everybody has the full time to come back.
    this.grace = { seconds: env.HEARTBEAT_SECONDS * MISSED_HEARTBEATS, since: new Date(), lostSeconds: env.HOST_LOST_SECONDS };
  }

  onApplicationBootstrap(): void {
    this.every(FLUSH_MS, () => this.flush());
    this.every((this.grace.seconds / MISSED_HEARTBEATS) * 500, () => this.judge());
  }

  /** An api that stops says nothing about its hosts: their agents are at the next replica, or back, within the grace period. */
  onModuleDestroy(): void {
    this.closing = true;
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** `stored`: called once it counts; of several that come within a moment, the newest is answered. */
  heartbeat(heartbeat: Heartbeat, stored: () => void): void {
    const before = this.heartbeats.get(heartbeat.hostId)?.heartbeat;
    this.heartbeats.set(heartbeat.hostId, { heartbeat: { ...heartbeat, images: heartbeat.images ?? before?.images ?? null }, stored });
  }

  /** The session is open: its host's state is derived anew. */
  async connected(hostId: string): Promise<void> {
    await this.settle([hostId]);
  }

  /** After how many seconds without contact an agent is to stop such a run itself; null where it is not. */
  fenceAfter({ selfFence, stopGracePeriodSeconds, hostLostAfterSeconds }: RunSpec): number | null {
    return fenceAfterSeconds(
      {
        selfFence: selfFence ?? false,
        stopGraceSeconds: stopGracePeriodSeconds ?? null,
        lostAfterSeconds: hostLostAfterSeconds ?? null,
      },
      this.grace,
    );
  }

  disconnected(hostId: string, sessionId: string): void {
    if (this.closing) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.guard(async () => {
        if (await this.repository.disconnected(hostId, sessionId)) await this.settle([hostId]);
      });
    }, RECONNECT_GRACE_MS);
    this.timers.add(timer);
  }

  private async flush(): Promise<void> {
    if (this.flushing || this.heartbeats.size === 0) return;
    this.flushing = true;
    const batch = new Map(this.heartbeats);
    this.heartbeats.clear();
    try {
      const seen = await this.repository.seen([...batch.values()].map(({ heartbeat }) => heartbeat));
      for (const { hostId } of seen) batch.get(hostId)?.stored();
      await this.settle(seen.filter(({ suspect }) => suspect).map(({ hostId }) => hostId));
    } finally {
      this.flushing = false;
    }
  }

  private async judge(): Promise<void> {
    // First of all: the silence of a time in which nobody listened is none.
    await this.losses.listen(this.grace.seconds);
    await this.settle(await this.repository.silent(this.grace));
    await this.judgeLosses();
  }

  /** Which hosts count as lost, and what is given up with them. Safe to call at any time and from several processes. */
  async judgeLosses(): Promise<void> {
    const seen = await this.losses.look(this.grace);
    if (!seen) return;
    const plan = planHostLoss({ ...seen, lostSeconds: this.grace.lostSeconds });
    await this.settle(await this.losses.declare(plan));
    const { released, waiting } = await this.losses.giveUp(plan.givenUp, (needing, snapshot) =>
      lackingRoomElsewhere(needing, { ...snapshot, now: new Date(), seed: randomBytes(10) }),
    );
    this.tellReleased(released);
    for (const { workspaceId, runId } of waiting) this.wakeups.notify(`events:${workspaceId}`, ...runTopics(runId));
  }

  /** Attempts are given up: who waits for their runs, or is to place them, is told. */
  tellReleased(released: readonly Released[]): void {
    for (const { workspaceId, runId, again } of released) {
      this.wakeups.notify(`events:${workspaceId}`, ...runTopics(runId), `log:${runId}`);
      if (again) void this.queues.wakePlacement(workspaceId);
    }
    this.wakeups.notify(...hostTopics(new Set(released.map(({ hostId }) => hostId))));
  }

  /** Derives the states of these hosts anew, and tells who waits for them. */
  async settle(hostIds: readonly string[]): Promise<void> {
    this.announce(await this.repository.settle(hostIds, this.grace));
  }

  private announce(changes: readonly HostChange[]): void {
    const workspaces = new Set(changes.map(({ workspaceId }) => workspaceId));
    for (const workspaceId of workspaces) {
      this.wakeups.notify(`events:${workspaceId}`);
      // Room came or went: what waits is placed, or waits for another reason.
      void this.queues.wakePlacement(workspaceId);
    }
    for (const { runIds } of changes) this.wakeups.notify(...runIds.flatMap(runTopics));
  }

  private every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => void this.guard(work), ms);
    this.timers.add(timer);
  }

  /** Postgres that is away is tried again at the next tick; heartbeats come anew. */
  private async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.closing) this.log.warn(`cannot judge hosts now: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
