/** Lets the planned faults happen, each when its time has come, and measures how long the fleet takes to work again. */
import { randomUUID } from 'node:crypto';
import { setTimeout as lasts } from 'node:timers/promises';
import { until } from '../../scripts/parts/until.ts';
import { carryOut } from './carry-out.ts';
import { describeFault, type Fault, type FaultName, partOf } from './fault.ts';
import type { AcceptedRun } from './load.ts';
import type { PlannedFault } from './plan.ts';
import type { FleetStage } from './stage.ts';
import { surely } from './steadily.ts';
import type { Timeline } from './timeline.ts';

const RECOVERY_MS = 120_000;

export interface Recovery {
  fault: FaultName;
  /** What works again. */
  what: 'host ready' | 'next placement';
  ms: number;
}

export class FaultDriver {
  readonly recoveries: Recovery[] = [];
  readonly complaints: string[] = [];
  /** Runs of its own, by which it measured. */
  readonly probes: AcceptedRun[] = [];
  readonly #stage: FleetStage;
  readonly #timeline: Timeline;
  readonly #rest: PlannedFault[];
  readonly #parts = new Map<string, Promise<void>>();

  constructor(stage: FleetStage, faults: readonly PlannedFault[], timeline: Timeline) {
    this.#stage = stage;
    this.#rest = [...faults];
    this.#timeline = timeline;
  }

  /** So many runs were asked for: what was planned for then begins. */
  runsAsked(count: number): void {
    for (let next = this.#rest[0]; next && next.afterRuns <= count; next = this.#rest[0]) {
      this.#rest.shift();
      const { number, fault } = next;
      const part = partOf(fault);
      const before = this.#parts.get(part) ?? Promise.resolve();
      this.#parts.set(
        part,
        before
          .then(() => this.#happen(number, fault))
          .catch((error: unknown) => {
            this.complaints.push(`fault #${number} (${describeFault(fault)}): ${error instanceof Error ? error.message : String(error)}`);
          }),
      );
    }
  }

  /** Everything that began is put right again. */
  async settled(): Promise<void> {
    await Promise.all(this.#parts.values());
  }

  async #happen(number: number, fault: Fault): Promise<void> {
    this.#timeline.note(`fault #${number}: ${describeFault(fault)}`);
    const begun = performance.now();
    const undo = await carryOut(this.#stage, fault);
    // What the rest of the fleet goes on without is measured from the fault; what it cannot work without, from its return.
    const early = fault.fault === 'api-killed' || fault.fault === 'redis-emptied' ? this.#nextPlacement(fault, begun) : undefined;
    // The time that the fault lasts is a part of the plan.
    if ('seconds' in fault) await lasts(fault.seconds * 1000);
    await undo();
    const undone = performance.now();
    this.#timeline.note(`fault #${number}: put right after ${((undone - begun) / 1000).toFixed(1)} s`);
    await early;
    if ('host' in fault) await this.#hostReady(fault, fault.host, undone);
    if (fault.fault === 'redis-restarted' || fault.fault === 'postgres-restarted') await this.#nextPlacement(fault, undone);
  }

  async #hostReady({ fault }: Fault, number: number, since: number): Promise<void> {
    const host = this.#stage.hosts[number];
    if (!host) return;
    let last: unknown;
    await until(
      async () => {
        const { status } = await this.#stage.client.getHost(host.hostId);
        last = status;
        return status.state === 'ready';
      },
      { what: `${host.name} to be ready again`, timeoutMs: RECOVERY_MS, describe: () => last },
    );
    this.recoveries.push({ fault, what: 'host ready', ms: performance.now() - since });
  }

  async #nextPlacement({ fault }: Fault, since: number): Promise<void> {
    const { client } = this.#stage;
    const idempotencyKey = randomUUID();
    const askedAt = Date.now();
    const work = { work: 'hello' } as const;
    const created = await surely('a probe to be accepted', () =>
      client.createRun({ image: 'hello-world', pullPolicy: 'if-not-present' }, { idempotencyKey }),
    );
    const probe: AcceptedRun = { number: -1, id: created.metadata.id, work, onHostLost: 'wait', askedAt, last: created };
    this.probes.push(probe);
    await until(async () => (await client.getRun(probe.id)).status.attempts.length > 0, {
      what: 'a probe to be placed',
      timeoutMs: RECOVERY_MS,
      describe: async () => (await client.getRun(probe.id)).status,
    });
    this.recoveries.push({ fault, what: 'next placement', ms: performance.now() - since });
  }
}
