/** What an engine itself tells of the containers of Berth, asked past Berth. */
import Docker from 'dockerode';
import { z } from 'zod';
import type { AttemptRecord, ContainerNow, EngineWitness } from './fleet-host.ts';

const LABEL = { attempt: 'berth.attempt', run: 'berth.run' } as const;
const RETRY_MS = 200;
/** States of a container that no longer is as it was created: an engine that is killed forgets the event of a start. */
const HAS_STARTED: ReadonlySet<string> = new Set(['running', 'paused', 'restarting', 'exited']);

const eventSchema = z.object({
  Action: z.string(),
  timeNano: z.number(),
  time: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

export class DockerWitness implements EngineWitness {
  readonly attempts = new Map<string, AttemptRecord>();
  readonly #docker: Docker;
  /** In the engine's own seconds. */
  #since = 0;
  #closed = false;

  constructor(socketPath: string) {
    this.#docker = new Docker({ socketPath });
    void this.#follow();
  }

  async containers(): Promise<ContainerNow[] | null> {
    let list: Docker.ContainerInfo[];
    try {
      list = await this.#docker.listContainers({ all: true, filters: { label: [LABEL.attempt] } });
    } catch {
      return null;
    }
    return list.map(({ Id, Labels, State, Ports }) => {
      const attemptId = Labels[LABEL.attempt] ?? '';
      const runId = Labels[LABEL.run] ?? '';
      const { started } = this.#record(attemptId, runId);
      if (HAS_STARTED.has(State)) started.add(Id);
      const hostPorts = [...new Set(Ports.flatMap(({ PublicPort }) => PublicPort ?? []))];
      return { id: Id, attemptId, runId, isRunning: State === 'running' || State === 'paused', hostPorts };
    });
  }

  /** Docker's list goes on to say "running" of a container whose end it could not write to a full disk; what it says of the one is right. */
  async isRunning({ id }: ContainerNow): Promise<boolean> {
    try {
      return (await this.#docker.getContainer(id).inspect()).State.Running;
    } catch (error) {
      return !isGone(error);
    }
  }

  forget(): void {
    this.attempts.clear();
  }

  close(): void {
    this.#closed = true;
  }

  /** Again and again, from the last event that was seen: an engine that is away is asked until it is back. */
  async #follow(): Promise<void> {
    while (!this.#closed) {
      try {
        const filters = JSON.stringify({ type: ['container'], event: ['create', 'start'], label: [LABEL.attempt] });
        const stream = await this.#docker.getEvents({ since: this.#since, filters });
        let rest = '';
        for await (const piece of stream) {
          const lines = (rest + piece.toString()).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line !== '') this.#take(eventSchema.parse(JSON.parse(line)));
        }
      } catch {
        // Tried again below.
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, RETRY_MS).unref();
      await promise;
    }
  }

  #take({ Action, Actor, time, timeNano }: z.infer<typeof eventSchema>): void {
    this.#since = Math.max(this.#since, time);
    const record = this.#record(Actor.Attributes[LABEL.attempt] ?? '', Actor.Attributes[LABEL.run] ?? '');
    if (Action !== 'start') return;
    record.started.add(Actor.ID);
    record.starts.add(`${Actor.ID}@${timeNano}`);
  }

  #record(attemptId: string, runId: string): AttemptRecord {
    let record = this.attempts.get(attemptId);
    if (!record) {
      record = { attemptId, runId, started: new Set(), starts: new Set() };
      this.attempts.set(attemptId, record);
    }
    return record;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 404;
}
