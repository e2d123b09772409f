/** Silent hosts and the attempts on them out, a plan in. Every change rests on nothing having been heard of the host since the look. */

import { BerthError } from '@berth/shared/errors/problem';
import { nameOfActor } from '@berth/shared/model/actor';
import type { OnHostLost } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { replacedAfterSeconds } from '../planning/host-loss/fence-times.ts';
import type { Fleet, GivenUp, LackingRoom, LossInput, LossPlan, SilentHost, StrandedAttempt } from '../planning/host-loss/model.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import type { Grace } from './liveness-repository.ts';
import { lockPlacement, placementSnapshot, type Snapshot } from './placement-repository.ts';
import { type Released, releaseAttempts } from './release-attempts.ts';
import type { RunChange } from './run-writes.ts';

type Look = Pick<LossInput, 'silent' | 'attempts' | 'fleets'> & { now: number };

/** Of these, the runs for which no other host has room, with what would help. */
export type RoomElsewhere = (needing: readonly GivenUp[], snapshot: Snapshot) => LackingRoom[];

/** A run that waits for room elsewhere, and says another cause than before. */
export type StillWaiting = Pick<Released, 'workspaceId' | 'runId'>;

interface SilentRow {
  id: string;
  name: string;
  workspace_id: string;
  last_seen_at: Date;
  silent_since: Date;
  lost: boolean;
  gone_by: string | null;
  loss_braked: boolean;
  loss_due_at: Date | null;
  told: boolean;
  now: Date;
}

interface AttemptRow {
  id: string;
  run_id: string;
  host_id: string;
  on_host_lost: OnHostLost | null;
  lost_after_seconds: number | null;
  self_fence: boolean;
  stop_grace_seconds: number | null;
  desired: StrandedAttempt['desired'];
}

export interface GoneHost {
  workspaceId: string;
  hostId: string;
  actor: string;
  claim?: IdempotencyClaim;
}

/** Nothing is heard of `host h`: $1 seconds of grace, since $2 at the earliest. */
const SILENT = `h.removed_at IS NULL AND h.last_seen_at IS NOT NULL
  AND (h.session_id IS NULL OR greatest(h.last_seen_at, $2) < now() - make_interval(secs => $1))`;
const LOST = 'coalesce(h.lost_at >= h.last_seen_at, false)';

@Injectable()
export class LossRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  /** This process listens now. A break in which none did is no silence of the hosts: it begins anew. */
  async listen(breakSeconds: number): Promise<void> {
    await this.database.sql.query({
      name: 'loss-listen',
      text: `INSERT INTO hearing AS h (id, since, at) VALUES (1, now(), now())
             ON CONFLICT (id) DO UPDATE
                SET since = CASE WHEN h.at < now() - make_interval(secs => $1) THEN now() ELSE h.since END, at = greatest(h.at, now())`,
      values: [breakSeconds],
    });
  }

  /** Null: nobody is silent. */
  async look(grace: Grace): Promise<Look | null> {
    const { seconds, since } = grace;
    const { rows } = await this.database.sql.query<SilentRow>({
      name: 'loss-silent',
      text: `SELECT h.id, h.name, h.workspace_id, h.last_seen_at, greatest(h.last_seen_at, (SELECT since FROM hearing)) AS silent_since,
                    ${LOST} AS lost, h.gone_by, h.loss_braked, h.loss_due_at, h.state = 'lost' AS told, now() AS now
               FROM host h WHERE ${SILENT} ORDER BY h.id`,
      values: [seconds, since],
    });
    const first = rows[0];
    if (!first) return null;
    const [attempts, fleets] = await Promise.all([
      this.attemptsOn(
        grace,
        rows.map((row) => row.id),
      ),
      this.fleets(seconds, since),
    ]);
    return { now: +first.now, silent: rows.map(toSilent), attempts, fleets };
  }

  private async attemptsOn(grace: Grace, hostIds: readonly string[]): Promise<StrandedAttempt[]> {
    const { rows } = await this.database.sql.query<AttemptRow>({
      name: 'loss-attempts',
      // OFFSET keeps Postgres to this order: from the hosts to what they hold to its runs. Left alone, and with statistics of a table that was young
      // then, it has put every run beside every host: ten seconds with a thousand hosts and forty thousand runs.
      text: `SELECT a.id, a.run_id, a.host_id, r.spec->>'onHostLost' AS on_host_lost,
                    (r.spec->>'hostLostAfterSeconds')::int AS lost_after_seconds, coalesce((r.spec->>'selfFence')::bool, false) AS self_fence,
                    (r.spec->>'stopGracePeriodSeconds')::int AS stop_grace_seconds,
                    CASE WHEN r.deleted_at IS NULL THEN a.desired ELSE 'kill' END AS desired
               FROM (SELECT id, gone_by FROM host WHERE id = ANY($1) OFFSET 0) h
              CROSS JOIN LATERAL (SELECT id, run_id, host_id, desired FROM attempt WHERE host_id = h.id AND NOT released OFFSET 0) a
              CROSS JOIN LATERAL (SELECT spec, deleted_at FROM run WHERE id = a.run_id OFFSET 0) r
              WHERE r.spec->>'onHostLost' = 'replace' OR h.gone_by IS NOT NULL
              ORDER BY a.id`,
      values: [hostIds],
    });
    return rows.map((row) => ({
      id: row.id,
      runId: row.run_id,
      hostId: row.host_id,
      onHostLost: row.on_host_lost ?? 'wait',
      lostAfterSeconds: replacedAfterSeconds(
        { selfFence: row.self_fence, stopGraceSeconds: row.stop_grace_seconds, lostAfterSeconds: row.lost_after_seconds },
        grace,
      ),
      desired: row.desired,
    }));
  }

  private async fleets(seconds: number, since: Date): Promise<Fleet[]> {
    const { rows } = await this.database.sql.query<{ workspace_id: string; hosts: number; silent: number }>({
      name: 'loss-fleets',
      text: `SELECT h.workspace_id, count(*)::int AS hosts, count(*) FILTER (WHERE ${SILENT})::int AS silent
               FROM host h WHERE h.removed_at IS NULL AND h.last_seen_at IS NOT NULL AND NOT ${LOST}
              GROUP BY h.workspace_id`,
      values: [seconds, since],
    });
    return rows.map((row) => ({ workspaceId: row.workspace_id, hosts: row.hosts, silent: row.silent }));
  }

  /** Answers the hosts whose state is to be derived anew. */
  async declare({ dues, lost }: LossPlan): Promise<string[]> {
    if (dues.length > 0) {
      await this.database.sql.query(
        'UPDATE host h SET loss_braked = d.braked FROM json_to_recordset($1::json) AS d("hostId" text, braked bool) WHERE h.id = d."hostId"',
        [JSON.stringify(dues)],
      );
    }
    if (lost.length > 0) {
      // Its session, should one be left, may say nothing more: an agent that comes back begins another, and with it the whole set.
      await this.database.sql.query(
        `UPDATE host h SET lost_at = now(), session_id = NULL
           FROM json_to_recordset($1::json) AS d("hostId" text, "lastSeenAt" bigint)
          WHERE h.id = d."hostId" AND h.last_seen_at = to_timestamp(d."lastSeenAt" / 1000.0)`,
        [JSON.stringify(lost)],
      );
    }
    return [...dues.map(({ hostId }) => hostId), ...lost.map(({ hostId }) => hostId)];
  }

  /** Only where nothing was heard of their hosts since the look, and of what needs room elsewhere only what has it. */
  async giveUp(given: readonly GivenUp[], roomFor: RoomElsewhere): Promise<{ released: Released[]; waiting: StillWaiting[] }> {
    const outcome: { released: Released[]; waiting: StillWaiting[] } = { released: [], waiting: [] };
    for (const workspaceId of new Set(given.map((one) => one.workspaceId))) {
      const ofWorkspace = given.filter((one) => one.workspaceId === workspaceId);
      const { released, waiting } = await this.giveUpIn(workspaceId, ofWorkspace, roomFor);
      outcome.released.push(...released);
      outcome.waiting.push(...waiting);
    }
    return outcome;
  }

  private async giveUpIn(workspaceId: string, given: readonly GivenUp[], roomFor: RoomElsewhere) {
    return this.database.transaction(async (sql) => {
      // Room that one lost host's runs count on is not another's, nor the scheduler's.
      if (given.some(({ onlyWithRoom }) => onlyWithRoom)) await lockPlacement(sql, workspaceId);
      await lockRuns(
        sql,
        given.map(({ runId }) => runId),
      );
      const { rows } = await sql.query<{ id: string }>(
        `SELECT h.id FROM host h JOIN (
           SELECT DISTINCT "hostId", "lastSeenAt" FROM json_to_recordset($1::json) AS d("hostId" text, "lastSeenAt" bigint)
         ) d ON h.id = d."hostId" AND h.last_seen_at = to_timestamp(d."lastSeenAt" / 1000.0)
          ORDER BY h.id FOR NO KEY UPDATE OF h`,
        [JSON.stringify(given)],
      );
      const silent = new Set(rows.map((row) => row.id));
      const still = given.filter(({ hostId }) => silent.has(hostId));
      const needing = still.filter(({ onlyWithRoom }) => onlyWithRoom);
      const runIds = needing.map(({ runId }) => runId);
      const lackingRoom = needing.length === 0 ? [] : roomFor(needing, await placementSnapshot(sql, workspaceId, runIds, [...silent]));
      const waits = new Set(lackingRoom.map(({ runId }) => runId));
      return {
        released: await releaseAttempts(
          sql,
          this.events,
          still.filter(({ runId }) => !waits.has(runId)),
        ),
        waiting: await explainStranded(sql, this.events, workspaceId, lackingRoom),
      };
    });
  }

  /** A person says that a host of which nothing is heard is gone. Throws `not-found`, and `conflict` where it is heard. */
  async declareGone({ workspaceId, hostId, actor, claim }: GoneHost): Promise<void> {
    await this.database.transaction(async (sql) => {
      if (claim && (await this.idempotency.claim(sql, workspaceId, claim, hostId))) return;
      const { rows } = await sql.query<{ name: string; silent: boolean }>(
        `SELECT name, loss_due_at IS NOT NULL OR state = 'lost' AS silent FROM host
          WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL FOR NO KEY UPDATE`,
        [workspaceId, hostId],
      );
      const host = rows[0];
      if (!host) throw new BerthError('not-found', `There is no host ${hostId}.`);
      if (!host.silent) throw new BerthError('conflict', `Host ${host.name} is heard: only one of which nothing is heard can be given up.`);
      await sql.query('UPDATE host SET lost_at = now(), gone_by = $2, session_id = NULL WHERE id = $1', [hostId, actor]);
    });
  }

  /** A person says that the host of one run is gone. Throws `not-found`, and `conflict` where nothing is given up by that. */
  async giveUpRun({ workspaceId, runId, actor, claim }: RunChange): Promise<Released[]> {
    return this.database.transaction(async (sql) => {
      if (claim && (await this.idempotency.claim(sql, workspaceId, claim, runId))) return [];
      const { rows } = await sql.query<{ attempt_id: string | null; phase: string; on_host_lost: OnHostLost | null }>(
        `SELECT attempt_id, phase, spec->>'onHostLost' AS on_host_lost FROM run
          WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE`,
        [workspaceId, runId],
      );
      const run = rows[0];
      if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
      const host = await silentHostOf(sql, run.attempt_id);
      if (!host || !run.attempt_id) {
        throw new BerthError(
          'conflict',
          `The run is ${run.phase}, and does not wait for a host of which nothing is heard: stop or kill it.`,
        );
      }
      const message = `${nameOfActor(actor)} said that host ${host.name} is gone`;
      const again = run.on_host_lost === 'replace';
      await this.events.append(sql, [{ type: 'run.requested', workspaceId, id: runId, data: { action: 'give-up', actor } }]);
      return releaseAttempts(sql, this.events, [{ attemptId: run.attempt_id, reason: 'host-gone', message, again }]);
    });
  }
}

/** Runs come first, as everywhere. */
async function lockRuns(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query('SELECT id FROM run WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE', [ids]);
}

/** Why they are not placed elsewhere. Written where it is another reason than before; `since` stays. */
async function explainStranded(
  sql: Sql,
  events: EventRepository,
  workspaceId: string,
  lacking: readonly LackingRoom[],
): Promise<StillWaiting[]> {
  if (lacking.length === 0) return [];
  const { rows } = await sql.query<{ id: string; message: string }>(
    `UPDATE run r
        SET waiting = jsonb_build_object('since', $2::text) || coalesce(r.waiting, '{}') ||
              jsonb_build_object('reason', 'waiting-for-host', 'message', u.message, 'deadline', NULL, 'next', u.next),
            resource_version = r.resource_version + 1
       FROM json_to_recordset($1::json) AS u("runId" text, message text, next text)
      WHERE r.id = u."runId" AND (r.waiting->>'message', r.waiting->>'next') IS DISTINCT FROM (u.message, u.next)
    RETURNING r.id, u.message`,
    [JSON.stringify(lacking), new Date().toISOString()],
  );
  await events.append(
    sql,
    rows.map(({ id, message }) => ({
      workspaceId,
      type: 'run.waiting' as const,
      id,
      data: { reason: 'waiting-for-host' as const, message },
    })),
  );
  return rows.map(({ id }) => ({ workspaceId, runId: id }));
}

async function silentHostOf(sql: Sql, attemptId: string | null): Promise<{ name: string } | null> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT h.name FROM attempt a JOIN host h ON h.id = a.host_id
      WHERE a.id = $1 AND NOT a.released AND (h.loss_due_at IS NOT NULL OR h.state = 'lost')`,
    [attemptId],
  );
  return rows[0] ?? null;
}

const toSilent = (row: SilentRow): SilentHost => ({
  id: row.id,
  name: row.name,
  workspaceId: row.workspace_id,
  lastSeenAt: +row.last_seen_at,
  silentSince: +row.silent_since,
  lost: row.lost,
  told: row.told,
  goneBy: row.lost ? row.gone_by : null,
  braked: row.loss_braked,
  dueAt: row.loss_due_at === null ? null : +row.loss_due_at,
});
