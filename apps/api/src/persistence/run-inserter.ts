/**
 * Creates that arrive at once are stored by one statement and one commit: under load a create costs a fraction of a transaction,
 * and a single one waits for nobody. Answered only after the commit.
 */
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import type { RunRow } from './run-mapper.ts';
import { addWords, type Word } from './run-words.ts';
import { linkVolumes } from './volume-binding.ts';

/** A run before it has been stored. */
export interface NewRun extends RunRow {
  cpuMillis: number;
  memoryBytes: number;
  /** The oldest version of the agent protocol that knows its spec. */
  protocol: number;
  priority: number;
  concurrencyKey: string | null;
  createdBy: string;
  /** What it is a replica of; absent: of nothing. */
  service?: { id: string; revision: number; slot: number };
}

const MOST_AT_ONCE = 200;
/** Two: while one commits, the other is filled. */
const MOST_FLUSHES = 2;

interface Waiting {
  run: NewRun;
  resolve: () => void;
  reject: (error: unknown) => void;
}

@Injectable()
export class RunInserter {
  private waiting: Waiting[] = [];
  private flushes = 0;

  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Resolves once the run and its event are durable. */
  insert(run: NewRun): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ run, resolve, reject });
      void this.flush();
    });
  }

  /** In a transaction of the caller. */
  async insertIn(sql: Sql, runs: readonly NewRun[]): Promise<void> {
    // Sent together, carried out one after the other.
    await Promise.all([
      sql.query({ name: 'insert-runs', text: INSERT, values: [JSON.stringify(runs.map(toRecord))] }),
      addWords(sql, runs.flatMap(wordsOf)),
      this.events.append(sql, runs.map(toEvent)),
      linkVolumes(sql, this.events, runs),
    ]);
  }

  private async flush(): Promise<void> {
    if (this.flushes >= MOST_FLUSHES) return;
    this.flushes++;
    try {
      while (this.waiting.length > 0) await this.store(this.waiting.splice(0, MOST_AT_ONCE));
    } finally {
      this.flushes--;
    }
  }

  /** Never throws: each one that waits is told. */
  private async store(batch: readonly Waiting[]): Promise<void> {
    const runs = batch.map(({ run }) => run);
    const outcome = await this.database
      .transaction((sql) => this.insertIn(sql, runs))
      .then(
        () => ({ stored: true }) as const,
        (error: unknown) => ({ stored: false, error }) as const,
      );
    if (outcome.stored) {
      for (const { resolve } of batch) resolve();
    } else if (batch.length === 1) {
      batch[0]?.reject(outcome.error);
    } else {
      // One of them cannot be stored (a NUL character, say): that must not fail the others.
      for (const one of batch) await this.store([one]);
    }
  }
}

const INSERT = `INSERT INTO run (id, workspace_id, name, labels, spec, image, cpu_millis, memory_bytes, protocol, priority, concurrency_key, message, waiting, phase_times, created_by, created_at,
    service_id, service_revision, service_slot, schedule_id, scheduled_at, array_id, array_index)
  SELECT id, workspace_id, name, labels, spec, image, cpu_millis, memory_bytes, protocol, priority, concurrency_key, message, waiting, phase_times, created_by, created_at,
    service_id, service_revision, service_slot, schedule_id, scheduled_at, array_id, array_index
  FROM json_to_recordset($1::json) AS r (id text, workspace_id text, name text, labels jsonb, spec jsonb, image text, cpu_millis int, memory_bytes bigint,
    protocol int, priority int, concurrency_key text, message text, waiting jsonb, phase_times jsonb, created_by text, created_at timestamptz,
    service_id text, service_revision int, service_slot int, schedule_id text, scheduled_at timestamptz, array_id text,
    array_index int)`;

function toRecord(run: NewRun) {
  const { id, workspace_id, name, labels, spec, image, protocol, priority, message, waiting, phase_times, created_at } = run;
  const { schedule_id, scheduled_at, array_id, array_index } = run;
  const { cpuMillis: cpu_millis, memoryBytes: memory_bytes, concurrencyKey: concurrency_key, createdBy: created_by } = run;
  return {
    id,
    workspace_id,
    name,
    labels,
    spec,
    image,
    cpu_millis,
    memory_bytes,
    protocol,
    priority,
    concurrency_key,
    message,
    waiting,
    phase_times,
    created_by,
    created_at,
    schedule_id,
    scheduled_at,
    array_id,
    array_index,
    ...(run.service && { service_id: run.service.id, service_revision: run.service.revision, service_slot: run.service.slot }),
  };
}

const wordsOf = ({ workspace_id: workspaceId, name, image }: NewRun): Word[] => [
  { workspaceId, kind: 'name', word: name },
  { workspaceId, kind: 'image', word: image },
];

function toEvent({ id, workspace_id, name, image, createdBy }: NewRun): NewEvent {
  return { type: 'run.created', workspaceId: workspace_id, id, data: { name, image, actor: createdBy } };
}
