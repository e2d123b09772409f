/**
 * Whether hosts are there. Signs (session, heartbeat, engine) are written as they come; `settle` derives the state from them, and a change
 * of it is one event and, for the runs on the host, a cause of waiting.
 */
import type { Desired } from '@berth/shared/model/desired';
import type { Phase } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import { DEFAULT_STOP_GRACE_SECONDS, type OnHostLost } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { replacedAfterSeconds } from '../planning/host-loss/fence-times.ts';
import { lossDueAt } from '../planning/host-loss/loss-due.ts';
import { type HostSigns, type HostStateNow, hostStateOf, isSilent } from '../planning/status/host-state.ts';
import { type WaitingAttempt, type WaitingHost, waitingOf } from '../planning/status/waiting-of.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';

export interface Heartbeat {
  hostId: string;
  sessionId: string;
  engineReady: boolean;
  engineMessage: string;
  /** Null: as last said. */
  images: readonly string[] | null;
  /** How far the clock of the host is ahead; null: not said. */
  clockOffsetMs: number | null;
  /** The generation that its agent has confirmed to this session; null: none yet. */
  confirmed: number | null;
}

export interface HostChange {
  hostId: string;
  workspaceId: string;
  state: HostStateNow['state'];
  /** Their cause of waiting has changed with it. */
  runIds: string[];
}

/** How old a sign may be, and the time before which nobody could have given one (the api was down): that counts as a sign too. */
export interface Grace {
  seconds: number;
  since: Date;
  /** A host that was silent for so long counts as lost. */
  lostSeconds: number;
}

interface SignsRow {
  id: string;
  workspace_id: string;
  name: string;
  state: string;
  state_message: string;
  connected: boolean;
  last_seen_at: Date | null;
  engine_ready: boolean;
  engine_message: string;
  fresh: boolean;
  lost: boolean;
  gone_by: string | null;
  loss_braked: boolean;
  loss_due_at: Date | null;
  silent_since: Date;
}

interface ActiveRow {
  id: string;
  host_id: string;
  phase: Phase;
  reason: Reason;
  message: string;
  desired: Desired;
  pull: Pull | null;
  phase_times: Partial<Record<Phase, string>>;
  restart_at: Date | null;
  retry_until: Date | null;
  stop_grace_seconds: number | null;
  on_host_lost: OnHostLost | null;
  lost_after_seconds: number | null;
  self_fence: boolean;
}

@Injectable()
export class LivenessRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Writes heartbeats of open sessions; answers the hosts that were so seen, `suspect` where their state may be another one now. */
  async seen(heartbeats: readonly Heartbeat[]): Promise<{ hostId: string; suspect: boolean }[]> {
    const { rows } = await this.database.sql.query<{ id: string; suspect: boolean }>({
      name: 'liveness-seen',
      text: `
        WITH u AS (
          SELECT * FROM json_to_recordset($1::json)
            AS u("hostId" text, "sessionId" text, "engineReady" bool, "engineMessage" text, images jsonb, "clockOffsetMs" bigint, confirmed int)
        ), targets AS (
          SELECT u.* FROM host h JOIN u ON u."hostId" = h.id AND u."sessionId" = h.session_id ORDER BY h.id FOR NO KEY UPDATE OF h
        )
        UPDATE host h
           SET last_seen_at = now(), engine_ready = t."engineReady", engine_message = t."engineMessage", clock_offset_ms = t."clockOffsetMs",
               acked_generation = greatest(h.acked_generation, t.confirmed),
               images = CASE WHEN jsonb_typeof(t.images) = 'array'
                             THEN ARRAY(SELECT jsonb_array_elements_text(t.images)) ELSE h.images END
          FROM targets t WHERE h.id = t."hostId"
        RETURNING h.id, CASE WHEN h.engine_ready THEN h.state <> 'ready'
                             ELSE h.state = 'ready' OR h.state_message <> h.engine_message END AS suspect`,
      values: [JSON.stringify(heartbeats)],
    });
    return rows.map((row) => ({ hostId: row.id, suspect: row.suspect }));
  }

  /** The session is over. False: another one had taken its place already. */
  async disconnected(hostId: string, sessionId: string): Promise<boolean> {
    const { rowCount } = await this.database.sql.query('UPDATE host SET session_id = NULL WHERE id = $1 AND session_id = $2', [
      hostId,
      sessionId,
    ]);
    return rowCount === 1;
  }

  /** Hosts that count as ready and have not been heard for too long. */
  async silent(grace: Grace): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ id: string }>(
      `SELECT id FROM host
        WHERE state = 'ready' AND removed_at IS NULL AND greatest(last_seen_at, $2) < now() - make_interval(secs => $1)`,
      [grace.seconds, grace.since],
    );
    return rows.map((row) => row.id);
  }

  /** Derives the states of these hosts anew, and writes what has changed. */
  async settle(hostIds: readonly string[], grace: Grace): Promise<HostChange[]> {
    if (hostIds.length === 0) return [];
    return this.database.transaction(async (sql) => {
      // Runs before hosts, as everywhere. A run placed after this look keeps "waiting for the agent", which is true as well.
      const active = await lockActiveRuns(sql, hostIds);
      const changes: HostChange[] = [];
      for (const row of await lockHosts(sql, hostIds, grace)) {
        const signs = signsOf(row);
        const now = hostStateOf(signs);
        const dueAt = isSilent(signs) && now.state !== 'lost' ? lossDueAt(+row.silent_since, grace.lostSeconds, row.loss_braked) : null;
        const isNews = now.state !== row.state || now.message !== row.state_message;
        if (!isNews && dueAt === (row.loss_due_at?.getTime() ?? null)) continue;
        await this.write(sql, row, now, dueAt, isNews);
        const host: WaitingHost = {
          name: row.name,
          ready: now.state === 'ready',
          // A session whose agent is silent is as good as none.
          connected: signs.connected && signs.fresh,
          stateMessage: now.message,
          lastSeenAt: row.last_seen_at,
          changedAt: (isSilent(signs) && row.last_seen_at ? row.last_seen_at : new Date()).toISOString(),
          silence: isSilent(signs)
            ? { since: +row.silent_since, lost: now.state === 'lost', braked: row.loss_braked, lostSeconds: grace.lostSeconds }
            : null,
        };
        const runIds = await this.explainWaiting(
          sql,
          row.workspace_id,
          host,
          active.filter((run) => run.host_id === row.id),
          grace,
        );
        changes.push({ hostId: row.id, workspaceId: row.workspace_id, state: now.state, runIds });
      }
      return changes;
    });
  }

  /** A host that is heard again has nothing left of its loss. */
  private async write(sql: Sql, row: SignsRow, now: HostStateNow, dueAt: number | null, isNews: boolean): Promise<void> {
    await sql.query(
      `UPDATE host SET state = $2, state_message = $3, state_since = CASE WHEN state = $2 THEN state_since ELSE now() END, loss_due_at = $4,
              lost_at = CASE WHEN $2 = 'lost' THEN lost_at END, gone_by = CASE WHEN $2 = 'lost' THEN gone_by END,
              loss_braked = loss_braked AND $4::timestamptz IS NOT NULL, resource_version = resource_version + 1
        WHERE id = $1`,
      [row.id, now.state, now.message, dueAt === null ? null : new Date(dueAt)],
    );
    if (!isNews) return;
    await this.events.append(sql, [
      { workspaceId: row.workspace_id, type: 'host.changed', id: row.id, data: { change: now.state, message: now.message } },
    ]);
  }

  /** The runs on the host wait for it now, or go back to what they waited for before. */
  private async explainWaiting(
    sql: Sql,
    workspaceId: string,
    host: WaitingHost,
    runs: readonly ActiveRow[],
    grace: Grace,
  ): Promise<string[]> {
    if (runs.length === 0) return [];
    const updates = runs.map((run) => ({ id: run.id, waiting: waitingOf(toWaiting(run, host.changedAt, grace), host) }));
    const { rows } = await sql.query<{ id: string }>(
      `UPDATE run r SET waiting = u.waiting, resource_version = r.resource_version + 1
         FROM json_to_recordset($1::json) AS u(id text, waiting jsonb)
        WHERE r.id = u.id AND r.waiting IS DISTINCT FROM nullif(u.waiting, 'null'::jsonb) RETURNING r.id`,
      [JSON.stringify(updates)],
    );
    const changed = new Set(rows.map((row) => row.id));
    const byId = new Map(runs.map((run) => [run.id, run]));
    await this.events.append(
      sql,
      updates
        .filter(({ id }) => changed.has(id))
        .map(({ id, waiting }) => {
          const run = byId.get(id);
          const { reason, message } = waiting ?? { reason: run?.reason ?? 'running', message: run?.message ?? '' };
          return { workspaceId, type: 'run.waiting' as const, id, data: { reason, message } };
        }),
    );
    return [...changed];
  }
}

const signsOf = (row: SignsRow): HostSigns => ({
  connected: row.connected,
  fresh: row.fresh,
  everSeen: row.last_seen_at !== null,
  engineReady: row.engine_ready,
  engineMessage: row.engine_message,
  lost: row.lost,
  goneBy: row.gone_by,
});

function toWaiting(row: ActiveRow, otherwiseSince: string, grace: Grace): WaitingAttempt {
  const { phase, reason, message, desired, pull } = row;
  return {
    phase,
    reason,
    message,
    desired,
    pull,
    since: row.phase_times[phase] ?? otherwiseSince,
    stopGraceSeconds: row.stop_grace_seconds ?? DEFAULT_STOP_GRACE_SECONDS,
    restartAt: row.restart_at?.toISOString() ?? null,
    retryUntil: row.retry_until?.toISOString() ?? null,
    onHostLost: row.on_host_lost ?? 'wait',
    lostAfterSeconds: replacedAfterSeconds(
      { selfFence: row.self_fence, stopGraceSeconds: row.stop_grace_seconds, lostAfterSeconds: row.lost_after_seconds },
      grace,
    ),
  };
}

/**
 * Locked first, and read by a statement of its own: one that had waited for the lock would see the run as it is, and its attempt as it was
 * before, so that a run which ended meanwhile would wait for ever.
 */
async function lockActiveRuns(sql: Sql, hostIds: readonly string[]): Promise<ActiveRow[]> {
  const locked = await sql.query<{ id: string }>(
    `SELECT r.id FROM run r JOIN attempt a ON a.id = r.attempt_id
      WHERE a.host_id = ANY($1) AND NOT a.released
      ORDER BY r.id FOR NO KEY UPDATE OF r`,
    [hostIds],
  );
  if (locked.rows.length === 0) return [];
  const { rows } = await sql.query<ActiveRow>(
    `SELECT r.id, a.host_id, a.phase, a.reason, a.message, a.desired, a.pull, a.phase_times, a.restart_at, a.retry_until,
            (r.spec->>'stopGracePeriodSeconds')::int AS stop_grace_seconds, r.spec->>'onHostLost' AS on_host_lost,
            (r.spec->>'hostLostAfterSeconds')::int AS lost_after_seconds, coalesce((r.spec->>'selfFence')::bool, false) AS self_fence
       FROM run r JOIN attempt a ON a.id = r.attempt_id
      WHERE r.id = ANY($1) AND a.host_id = ANY($2) AND NOT a.released`,
    [locked.rows.map((row) => row.id), hostIds],
  );
  return rows;
}

async function lockHosts(sql: Sql, hostIds: readonly string[], grace: Grace): Promise<SignsRow[]> {
  const { rows } = await sql.query<SignsRow>(
    `SELECT id, workspace_id, name, state, state_message, session_id IS NOT NULL AS connected, last_seen_at, engine_ready, engine_message,
            greatest(last_seen_at, $3) >= now() - make_interval(secs => $2) AS fresh,
            coalesce(lost_at >= last_seen_at, false) AS lost, gone_by, loss_braked, loss_due_at,
            greatest(last_seen_at, (SELECT since FROM hearing)) AS silent_since
       FROM host WHERE id = ANY($1) AND removed_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
    [hostIds, grace.seconds, grace.since],
  );
  return rows;
}
