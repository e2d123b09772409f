/** Looks at Postgres, the engines and the replicas all the time: what must hold at every moment, not only at the end. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { revive } from './carry-out.ts';
import { ask } from './database.ts';
import { runningContainers } from './running-containers.ts';
import type { FleetStage } from './stage.ts';

const EVERY_MS = 500;
/** A cause is written in the transaction that makes a run wait; only the first look of the scheduler comes a little later. */
const WITHOUT_CAUSE_MS = 10_000;

const reservedSchema = z.object({
  name: z.string(),
  cpu: z.coerce.number(),
  memory: z.coerce.number(),
  cpu_millis: z.coerce.number(),
  memory_bytes: z.coerce.number(),
});
const portSchema = z.object({ name: z.string(), port: z.coerce.number(), protocol: z.string(), holders: z.coerce.number() });
const silentSchema = z.object({ id: z.string(), phase: z.string() });
const attemptSchema = z.object({ id: z.string(), memory_bytes: z.coerce.number() });

export class Watch {
  readonly complaints = new Set<string>();
  looks = 0;
  /** Resident bytes of each replica at its highest. */
  readonly mostMemory: number[];
  readonly #stage: FleetStage;
  readonly #silentSince = new Map<string, number>();
  #stop = false;
  readonly #over: Promise<void>;

  constructor(stage: FleetStage) {
    this.#stage = stage;
    this.mostMemory = stage.replicas.map(() => 0);
    this.#over = this.#watch();
  }

  async end(): Promise<void> {
    this.#stop = true;
    await this.#over;
  }

  async #watch(): Promise<void> {
    while (!this.#stop) {
      await Promise.all([this.#database().catch(() => undefined), this.#engines().catch(() => undefined)]);
      await this.#processes();
      await pause(EVERY_MS);
    }
  }

  /** Postgres that is away is asked the next time. */
  async #database(): Promise<void> {
    const { databaseUrl } = this.#stage;
    const reserved = await ask(
      databaseUrl,
      reservedSchema,
      `SELECT h.name, h.cpu_millis, h.memory_bytes, sum(a.cpu_millis) AS cpu, sum(a.memory_bytes) AS memory
         FROM host h JOIN attempt a ON a.host_id = h.id AND NOT a.released GROUP BY h.id`,
    );
    for (const { name, cpu, memory, cpu_millis, memory_bytes } of reserved) {
      if (cpu > cpu_millis) this.complaints.add(`${name} has ${cpu} thousandths of a core reserved, and only ${cpu_millis}`);
      if (memory > memory_bytes) this.complaints.add(`${name} has ${memory} bytes of memory reserved, and only ${memory_bytes}`);
    }
    const ports = await ask(
      databaseUrl,
      portSchema,
      `SELECT h.name, p->>'hostPort' AS port, p->>'protocol' AS protocol, count(*) AS holders
         FROM attempt a JOIN host h ON h.id = a.host_id CROSS JOIN LATERAL jsonb_array_elements(a.ports) p
        WHERE NOT a.released GROUP BY 1, 2, 3 HAVING count(*) > 1`,
    );
    for (const { name, port, protocol, holders } of ports) {
      this.complaints.add(`port ${port}/${protocol} of ${name} has ${holders} holders`);
    }
    const silent = await ask(
      databaseUrl,
      silentSchema,
      `SELECT id, phase FROM run WHERE waiting IS NULL AND phase IN ('queued', 'assigned', 'pulling', 'restarting', 'stopping')`,
    );
    const now = Date.now();
    const before = new Map(this.#silentSince);
    this.#silentSince.clear();
    for (const { id, phase } of silent) {
      const key = `${id} ${phase}`;
      const since = before.get(key) ?? now;
      this.#silentSince.set(key, since);
      if (now - since > WITHOUT_CAUSE_MS) this.complaints.add(`run ${id} is ${phase} and does not say what it waits for`);
    }
    this.looks++;
  }

  /** By what really runs: the containers of a host never have more memory reserved than it has, and no port twice. */
  async #engines(): Promise<void> {
    const { hosts, client, databaseUrl } = this.#stage;
    await Promise.all(
      hosts.map(async ({ name, hostId, witness }) => {
        const running = await runningContainers(witness);
        if (running === null || running.length === 0) return;
        const ports = running.flatMap(({ hostPorts }) => hostPorts);
        if (new Set(ports).size < ports.length) this.complaints.add(`${name} publishes a port twice: ${ports.join(', ')}`);
        const reservations = await ask(databaseUrl, attemptSchema, 'SELECT id, memory_bytes FROM attempt WHERE id = ANY($1)', [
          running.map(({ attemptId }) => attemptId),
        ]);
        const memory = reservations.reduce((sum, { memory_bytes }) => sum + memory_bytes, 0);
        const { capacity } = (await client.getHost(hostId)).status;
        if (memory > capacity.memoryBytes)
          this.complaints.add(`containers with ${memory} bytes run on ${name}, which has ${capacity.memoryBytes}`);
      }),
    );
  }

  /** As a supervisor does, and that there was something for it to do. */
  async #processes(): Promise<void> {
    for (const host of this.#stage.hosts) {
      if (host.agent.isRunning || this.#stage.downByPlan.has(host)) continue;
      this.complaints.add(`the agent of ${host.name} ended by itself:\n${host.agent.log().split('\n').slice(-25).join('\n')}`);
      await host.agent.start();
    }
    for (const [index, replica] of this.#stage.replicas.entries()) {
      const { process } = replica;
      if (process.isRunning) this.mostMemory[index] = Math.max(this.mostMemory[index] ?? 0, residentBytes(process.pid));
      else if (!this.#stage.downByPlan.has(replica)) {
        this.complaints.add(`replica ${index} ended by itself:\n${process.log(25)}`);
        await revive(replica).catch(() => undefined);
      }
    }
  }
}

/** 0 for one that has just ended. */
function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
