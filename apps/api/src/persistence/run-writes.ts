/** What users change of runs: each method is one transaction with its event. The order of locks is runs, attempts, hosts. */

import { BerthError } from '@berth/shared/errors/problem';
import { nameOfActor } from '@berth/shared/model/actor';
import type { Desired } from '@berth/shared/model/desired';
import type { Labels } from '@berth/shared/model/metadata';
import { isTerminal, type Phase } from '@berth/shared/model/phase';
import type { UpdateRun } from '@berth/shared/model/run';
import { storableText } from '@berth/shared/model/text';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { DispatchRepository } from './dispatch-repository.ts';
import { EventRepository } from './event-repository.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { type NewRun, RunInserter } from './run-inserter.ts';
import { addWords } from './run-words.ts';

export interface RunChange {
  workspaceId: string;
  runId: string;
  actor: string;
  /** The resourceVersion that the caller has seen; absent: any. */
  ifMatch?: string;
  claim?: IdempotencyClaim;
}

export interface RunEnds {
  stop: readonly string[];
  remove: readonly string[];
}

interface LockedRun {
  id: string;
  phase: Phase;
  desired: Desired;
  attempt_id: string | null;
  resource_version: number;
}

/** Characters of a command in its event. */
const MOST_COMMAND = 200;

const STRENGTH = { run: 0, pause: 0, stop: 1, kill: 2 } as const;

@Injectable()
export class RunWrites {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly dispatch: DispatchRepository,
    private readonly idempotency: IdempotencyRepository,
    private readonly inserter: RunInserter,
  ) {}

  /** Null: stored. Otherwise the answer of the earlier request with this key. */
  async insert(run: NewRun, claim?: IdempotencyClaim): Promise<EarlierAnswer | null> {
    if (!claim) {
      await this.inserter.insert(run);
      return null;
    }
    return this.database.transaction(async (sql) => {
      const earlier = await this.idempotency.claim(sql, run.workspace_id, claim, run.id);
      if (!earlier) await this.inserter.insertIn(sql, [run]);
      return earlier;
    });
  }

  /**
   * Asks for the end of a run. A queued one is cancelled at once; of one on a host, the host is told. At an end already, or asked
   * for before: nothing changes. Returns the hosts to wake.
   */
  async requestEnd(change: RunChange, desired: 'stop' | 'kill'): Promise<{ changed: boolean; hostIds: string[] }> {
    return this.database.transaction(async (sql) => {
      if (change.claim && (await this.idempotency.claim(sql, change.workspaceId, change.claim, change.runId))) return UNCHANGED;
      const run = await this.lock(sql, change);
      if (isTerminal(run.phase)) return UNCHANGED;
      return this.end(sql, change, run, desired);
    });
  }

  /** Holds a running container still, or lets it go on. Throws `conflict` where there is nothing to be held. */
  async requestPause(change: RunChange, desired: 'run' | 'pause'): Promise<{ changed: boolean; hostIds: string[] }> {
    return this.database.transaction(async (sql) => {
      if (change.claim && (await this.idempotency.claim(sql, change.workspaceId, change.claim, change.runId))) return UNCHANGED;
      const run = await this.lock(sql, change);
      const word = desired === 'run' ? 'resumed' : 'paused';
      if (run.phase !== 'running' || run.attempt_id === null) {
        throw new BerthError('conflict', `The run is ${run.phase}: only one that runs can be ${word}.`);
      }
      if (STRENGTH[run.desired] > 0)
        throw new BerthError('conflict', `A ${run.desired} has been asked for: it cannot be ${word} any more.`);
      if (run.desired === desired) return UNCHANGED;
      await sql.query('UPDATE run SET desired = $2, generation = generation + 1, resource_version = resource_version + 1 WHERE id = $1', [
        run.id,
        desired,
      ]);
      const hostIds = await this.dispatch.markChanged(sql, [run.attempt_id], { desired });
      const data = { action: desired === 'run' ? 'resume' : 'pause', actor: change.actor } as const;
      await this.events.append(sql, [{ type: 'run.requested', workspaceId: change.workspaceId, id: run.id, data }]);
      return { changed: true, hostIds };
    });
  }

  /** Stops its container and starts it again, at once where it waits for that anyway. Throws `conflict` where there is none. */
  async requestRestart(change: RunChange): Promise<{ changed: boolean; hostIds: string[] }> {
    return this.database.transaction(async (sql) => {
      if (change.claim && (await this.idempotency.claim(sql, change.workspaceId, change.claim, change.runId))) return UNCHANGED;
      const run = await this.lock(sql, change);
      if ((run.phase !== 'running' && run.phase !== 'restarting') || run.attempt_id === null) {
        const instead = isTerminal(run.phase) ? ' Create a run with the same spec to run it again.' : '';
        throw new BerthError('conflict', `The run is ${run.phase}: only one that runs can be restarted.${instead}`);
      }
      if (STRENGTH[run.desired] > 0) {
        throw new BerthError('conflict', `A ${run.desired} has been asked for: it cannot be restarted any more.`);
      }
      await sql.query(
        `UPDATE run SET desired = 'run', generation = generation + 1, resource_version = resource_version + 1 WHERE id = $1`,
        [run.id],
      );
      const hostIds = await this.dispatch.markChanged(sql, [run.attempt_id], { desired: 'run', restart: true });
      const data = { action: 'restart', actor: change.actor } as const;
      await this.events.append(sql, [{ type: 'run.requested', workspaceId: change.workspaceId, id: run.id, data }]);
      return { changed: true, hostIds };
    });
  }

  /** Name and labels. False: they were so already. */
  async update(change: RunChange, { name, labels }: UpdateRun['metadata']): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      await this.lock(sql, change);
      const { rows } = await sql.query<{ name_before: string; name: string; labels: Labels; relabelled: boolean }>(
        `UPDATE run r SET name = coalesce($2, r.name), labels = coalesce($3::jsonb, r.labels), resource_version = r.resource_version + 1
           FROM run o
          WHERE r.id = $1 AND o.id = r.id AND (r.name, r.labels) IS DISTINCT FROM (coalesce($2, r.name), coalesce($3::jsonb, r.labels))
        RETURNING o.name AS name_before, r.name, r.labels, o.labels <> r.labels AS relabelled`,
        [change.runId, name ?? null, labels === undefined ? null : JSON.stringify(labels)],
      );
      const now = rows[0];
      if (!now) return false;
      if (now.name !== now.name_before) await addWords(sql, [{ workspaceId: change.workspaceId, kind: 'name', word: now.name }]);
      const data = {
        actor: change.actor,
        ...(now.name !== now.name_before && { name: { from: now.name_before, to: now.name } }),
        ...(now.relabelled && { labels: now.labels }),
      };
      await this.events.append(sql, [{ type: 'run.updated', workspaceId: change.workspaceId, id: change.runId, data }]);
      return true;
    });
  }

  /** Hides the run from its readers at once; its host removes the container. Throws `conflict` for an active one without `force`. */
  async remove(change: RunChange, force: boolean): Promise<{ hostIds: string[] }> {
    return this.database.transaction(async (sql) => {
      const run = await this.lock(sql, change);
      const active = !isTerminal(run.phase);
      if (active && !force) {
        throw new BerthError('conflict', `The run is ${run.phase}: stop it first, or delete it with ?force=true, which kills it.`);
      }
      if (active) await this.end(sql, change, run, 'kill');
      await sql.query('UPDATE run SET deleted_at = now(), resource_version = resource_version + 1 WHERE id = $1', [run.id]);
      const attempts = await sql.query<{ id: string }>('SELECT id FROM attempt WHERE run_id = $1 ORDER BY id', [run.id]);
      const hostIds = await this.dispatch.markChanged(sql, idsOf(attempts.rows), { removeContainer: true });
      await this.events.append(sql, [{ type: 'run.deleted', workspaceId: change.workspaceId, id: run.id, data: { actor: change.actor } }]);
      return { hostIds };
    });
  }

  /** That a command is run in its container, and by whom. */
  async noteExec({ workspaceId, runId, actor }: RunChange, command: readonly string[]): Promise<void> {
    const words = command.join(' ');
    const shown = words.length > MOST_COMMAND ? `${words.slice(0, MOST_COMMAND)}…` : words;
    await this.database.transaction((sql) =>
      this.events.append(sql, [{ type: 'run.exec', workspaceId, id: runId, data: { actor, command: storableText(shown) } }]),
    );
  }

  /** That files are put into its container, and by whom. */
  async noteUpload({ workspaceId, runId, actor }: RunChange, path: string): Promise<void> {
    await this.database.transaction((sql) =>
      this.events.append(sql, [{ type: 'run.upload', workspaceId, id: runId, data: { actor, path } }]),
    );
  }

  /** That its standard input is written to, and by whom. */
  async noteInput({ workspaceId, runId, actor }: RunChange, bytes: number | null, end: boolean): Promise<void> {
    await this.database.transaction((sql) =>
      this.events.append(sql, [{ type: 'run.input', workspaceId, id: runId, data: { actor, bytes, end } }]),
    );
  }

  /**
   * As `requestEnd` of some, and `remove` of others that have ended, in a transaction of the caller. All runs are locked before the first
   * host is, and all hosts by their ids, as everywhere. Returns the hosts to wake.
   */
  async endIn(sql: Sql, { workspaceId, actor }: Pick<RunChange, 'workspaceId' | 'actor'>, ends: RunEnds): Promise<string[]> {
    if (ends.stop.length + ends.remove.length === 0) return [];
    const { rows } = await sql.query<LockedRun>(
      `SELECT id, phase, desired, attempt_id, resource_version FROM run
        WHERE workspace_id = $1 AND id = ANY($2) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
      [workspaceId, [...ends.stop, ...ends.remove]],
    );
    const stops = rows.filter(
      ({ id, phase, desired }) => ends.stop.includes(id) && !isTerminal(phase) && STRENGTH[desired] < STRENGTH.stop,
    );
    const removed = rows.filter(({ id, phase }) => ends.remove.includes(id) && isTerminal(phase));
    for (const run of stops) if (run.attempt_id === null) await this.end(sql, { workspaceId, runId: run.id, actor }, run, 'stop');
    const placed = stops.flatMap(({ id, attempt_id }) => (attempt_id === null ? [] : [{ id, attemptId: attempt_id }]));
    await sql.query(
      `UPDATE run SET desired = 'stop', generation = generation + 1, resource_version = resource_version + 1 WHERE id = ANY($1)`,
      [placed.map(({ id }) => id)],
    );
    await sql.query('UPDATE run SET deleted_at = now(), resource_version = resource_version + 1 WHERE id = ANY($1)', [idsOf(removed)]);
    const left = await sql.query<{ id: string }>('SELECT id FROM attempt WHERE run_id = ANY($1) ORDER BY id', [idsOf(removed)]);
    const attempts = [...placed.map(({ attemptId }) => attemptId), ...idsOf(left.rows)];
    await sql.query('SELECT id FROM host WHERE id IN (SELECT host_id FROM attempt WHERE id = ANY($1)) ORDER BY id FOR NO KEY UPDATE', [
      attempts,
    ]);
    const stopped = await this.dispatch.markChanged(
      sql,
      placed.map(({ attemptId }) => attemptId),
      { desired: 'stop' },
    );
    const cleared = await this.dispatch.markChanged(sql, idsOf(left.rows), { removeContainer: true });
    await this.events.append(sql, [
      ...placed.map(({ id }) => ({ type: 'run.requested' as const, workspaceId, id, data: { action: 'stop' as const, actor } })),
      ...removed.map(({ id }) => ({ type: 'run.deleted' as const, workspaceId, id, data: { actor } })),
    ]);
    return [...new Set([...stopped, ...cleared])];
  }

  private async lock(sql: Sql, change: RunChange): Promise<LockedRun> {
    const { rows } = await sql.query<LockedRun>(
      `SELECT id, phase, desired, attempt_id, resource_version FROM run
       WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE`,
      [change.workspaceId, change.runId],
    );
    const run = rows[0];
    if (!run) throw new BerthError('not-found', `There is no run ${change.runId}.`);
    if (change.ifMatch !== undefined && change.ifMatch !== String(run.resource_version)) {
      throw new BerthError('precondition-failed', `The run is at version ${run.resource_version}: read it again.`);
    }
    return run;
  }

  private async end(sql: Sql, change: RunChange, run: LockedRun, desired: 'stop' | 'kill') {
    const place = { workspaceId: change.workspaceId, id: run.id };
    if (run.attempt_id === null) {
      const message = `cancelled by ${nameOfActor(change.actor)} while it waited for a host`;
      // The lock and this condition together: a placement that came first has set attempt_id.
      await sql.query(
        `UPDATE run SET phase = 'cancelled', reason = 'cancelled', message = $2, waiting = NULL, desired = $3, finished_at = now(), ended_at = now(),
           generation = generation + 1, observed_generation = generation + 1, resource_version = resource_version + 1,
           phase_times = phase_times || jsonb_build_object('cancelled', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
         WHERE id = $1 AND attempt_id IS NULL`,
        [run.id, message, desired],
      );
      const ended = { phase: 'cancelled', reason: 'cancelled', message, attemptId: null, hostId: null, exitCode: null } as const;
      await this.events.append(sql, [
        { type: 'run.requested', ...place, data: { action: 'cancel', actor: change.actor } },
        { type: 'run.phase', ...place, data: ended },
      ]);
      return { changed: true, hostIds: [] };
    }
    if (STRENGTH[run.desired] >= STRENGTH[desired]) return UNCHANGED;
    await sql.query('UPDATE run SET desired = $2, generation = generation + 1, resource_version = resource_version + 1 WHERE id = $1', [
      run.id,
      desired,
    ]);
    const hostIds = await this.dispatch.markChanged(sql, [run.attempt_id], { desired });
    await this.events.append(sql, [{ type: 'run.requested', ...place, data: { action: desired, actor: change.actor } }]);
    return { changed: true, hostIds };
  }
}

const UNCHANGED = { changed: false, hostIds: [] as string[] };
const idsOf = (rows: readonly { id: string }[]) => rows.map((row) => row.id);
