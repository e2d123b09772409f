/** Services beside the runs: scaled and rolled while everything dies, and at count afterwards. */
import { z } from 'zod';
import { until } from '../../scripts/parts/until.ts';
import type { BerthClient, ServiceSpecInput } from '../support/client.ts';
import { ask } from './database.ts';
import { steadily, surely } from './steadily.ts';
import { specOf } from './work.ts';

/** A replica that ended again and again in the faults is replaced after a pause of up to five minutes. */
const SETTLE_MS = 420_000;
/** Runs that are asked for between two changes of services. */
const EVERY = 25;
const MOST_REPLICAS = 3;

export class FleetServices {
  readonly #client: BerthClient;
  readonly #databaseUrl: string;
  readonly #services: { id: string; name: string; replicas: number; version: number }[] = [];
  #changes = 0;
  #changing: Promise<void> = Promise.resolve();
  readonly complaints: string[] = [];

  constructor(client: BerthClient, databaseUrl: string) {
    this.#client = client;
    this.#databaseUrl = databaseUrl;
  }

  async start(count: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      const name = `kept-${number}`;
      const { metadata } = await surely(`service ${name}`, () => this.#client.createService(name, specFor(2, 1)));
      this.#services.push({ id: metadata.id, name, replicas: 2, version: 1 });
    }
  }

  /** Told before each run is asked for: now and then one is scaled, or rolled to another template. */
  runsAsked(count: number): void {
    const service = this.#services[this.#changes % Math.max(1, this.#services.length)];
    if (!service || count % EVERY !== 0) return;
    this.#changes++;
    if (this.#changes % 2 === 0) service.version++;
    else service.replicas = (service.replicas % MOST_REPLICAS) + 1;
    const { id, name, replicas, version } = service;
    // One after the other, so that the last one asked for is what is to be.
    this.#changing = this.#changing.then(async () => {
      const changed = await steadily(`a change of service ${name}`, () => this.#client.updateService(id, specFor(replicas, version)));
      if ('refused' in changed) this.complaints.push(`a change of service ${name} was refused: ${changed.refused.message}`);
    });
  }

  /** Each is at count, one replica a place; then they go, and their runs with them. */
  async settle(): Promise<void> {
    await this.#changing;
    for (const { id, name, replicas } of this.#services) {
      let last: unknown;
      try {
        await until(
          async () => {
            const [{ status }, all] = await Promise.all([this.#client.getService(id), this.#client.replicas(id)]);
            const running = all.filter(({ phase, ending }) => phase === 'running' && !ending);
            last = {
              status,
              replicas: all.map(({ slot, phase, ending, message, hostName }) => ({ slot, phase, ending, message, hostName })),
            };
            const slots = new Set(running.map(({ slot }) => slot));
            return status.available === replicas && status.replicas === replicas && running.length === replicas && slots.size === replicas;
          },
          { what: `service ${name} to be at its count of ${replicas}`, timeoutMs: SETTLE_MS, everyMs: 200, describe: () => last },
        );
      } catch (error) {
        this.complaints.push(error instanceof Error ? error.message : String(error));
      }
    }
    for (const { id, name } of this.#services) await surely(`the end of service ${name}`, () => this.#client.deleteService(id));
    let left: unknown;
    try {
      await until(
        async () => {
          const { items } = await this.#client.listRuns('?label=berth.service');
          left = items.map(({ metadata, status }) => ({
            id: metadata.id,
            name: metadata.name,
            status: { ...status, attempts: undefined },
          }));
          return items.length === 0;
        },
        { what: 'the runs of the services to be gone', timeoutMs: SETTLE_MS, everyMs: 200, describe: () => left },
      );
    } catch (error) {
      this.complaints.push(error instanceof Error ? error.message : String(error));
    }
  }

  /** Every run that they ever had. */
  async runIds(): Promise<Set<string>> {
    const rows = await ask(
      this.#databaseUrl,
      z.object({ resource_id: z.string() }),
      "SELECT resource_id FROM event WHERE type = 'run.created' AND data->>'actor' LIKE 'service:%'",
    );
    return new Set(rows.map(({ resource_id }) => resource_id));
  }
}

const specFor = (replicas: number, version: number): ServiceSpecInput => {
  const spec = specOf({ work: 'until-told', how: 'stop' });
  return { replicas, template: { spec: { ...spec, env: { ...spec.env, VERSION: String(version) } } } };
};
