/** What the scheduler wants to know of a workspace beside its pending runs and its hosts. Each question is asked only where a run asks it. */
import type { Labels } from '@berth/shared/model/metadata';
import type { CompanyRule, Strategy } from '@berth/shared/model/placement-rules';
import type { PendingRun, PullFailure, Surroundings } from '../planning/scheduler/model.ts';
import { selectorsOf } from '../planning/scheduler/neighbourhood.ts';
import { FAILURES_COUNT_SECONDS } from '../planning/scheduler/registry-trouble.ts';
import type { Sql } from './database.ts';

/** Of the failures of pulls, the newest: a service that is started again and again makes more than anybody needs to count. */
const MOST_FAILURES = 500;
/** Holders of a concurrency key that are named. */
const NAMED_HOLDERS = 3;

/** `moving`: runs under way that count as pending, and so not as company of themselves where they are now. */
export async function readSurroundings(
  sql: Sql,
  workspaceId: string,
  pending: readonly PendingRun[],
  moving: readonly string[] = [],
): Promise<Surroundings> {
  const settings = await readSettings(sql, workspaceId);
  return {
    ...settings,
    holders: await readHolders(sql, workspaceId, pending),
    present: await readPresent(sql, workspaceId, selectorsOf(pending), moving),
    shunning: pending.some(({ labels }) => Object.keys(labels).length > 0) ? await readShunning(sql, workspaceId, moving) : [],
    failures: await readFailures(sql, workspaceId),
  };
}

async function readSettings(sql: Sql, workspaceId: string): Promise<Pick<Surroundings, 'strategy' | 'mostAtOnce'>> {
  const { rows } = await sql.query<{ placement_strategy: Strategy; most_runs_at_once: number | null }>({
    name: 'placement-settings',
    text: 'SELECT placement_strategy, most_runs_at_once FROM workspace_settings WHERE workspace_id = $1',
    values: [workspaceId],
  });
  return { strategy: rows[0]?.placement_strategy ?? 'spread', mostAtOnce: rows[0]?.most_runs_at_once ?? null };
}

async function readHolders(sql: Sql, workspaceId: string, pending: readonly PendingRun[]): Promise<Surroundings['holders']> {
  const keys = new Set(pending.flatMap(({ concurrency }) => concurrency?.key ?? []));
  if (keys.size === 0) return new Map();
  const { rows } = await sql.query<{ key: string; count: number; names: string[] }>({
    name: 'placement-holders',
    text: `SELECT concurrency_key AS key, count(*)::int AS count, (array_agg(name ORDER BY id))[1:${NAMED_HOLDERS}] AS names
             FROM run
            WHERE workspace_id = $1 AND concurrency_key IS NOT NULL AND concurrency_key = ANY($2) AND stage = 'live'
            GROUP BY concurrency_key`,
    values: [workspaceId, [...keys]],
  });
  return new Map(rows.map(({ key, count, names }) => [key, { count, names }]));
}

/** A selector that names no label is that of all runs, which are known by their hosts. */
async function readPresent(
  sql: Sql,
  workspaceId: string,
  selectors: readonly Labels[],
  moving: readonly string[],
): Promise<Surroundings['present']> {
  const asked = selectors.filter((selector) => Object.keys(selector).length > 0);
  if (asked.length === 0) return [];
  const { rows } = await sql.query<{ host_id: string; selector: Labels; runs: number }>({
    name: 'placement-present',
    text: `SELECT r.host_id, s.selector, count(*)::int AS runs
             FROM unnest($2::jsonb[]) AS s(selector)
             JOIN run r ON r.labels @> s.selector AND r.labels <> '{}'::jsonb AND r.stage = 'live'
            WHERE r.workspace_id = $1 AND r.id <> ALL($3)
            GROUP BY r.host_id, s.selector`,
    values: [workspaceId, asked.map((selector) => JSON.stringify(selector)), moving],
  });
  return rows.map(({ host_id, selector, runs }) => ({ hostId: host_id, selector, runs }));
}

async function readShunning(sql: Sql, workspaceId: string, moving: readonly string[]): Promise<Surroundings['shunning']> {
  const { rows } = await sql.query<{ host_id: string; rules: CompanyRule[]; runs: number }>({
    name: 'placement-shunning',
    text: `SELECT host_id, spec #> '{placement,antiAffinity}' AS rules, count(*)::int AS runs
             FROM run
            WHERE workspace_id = $1 AND spec #> '{placement,antiAffinity}' IS NOT NULL AND stage = 'live'
              AND id <> ALL($2)
            GROUP BY 1, 2`,
    values: [workspaceId, moving],
  });
  return rows.flatMap(({ host_id, rules, runs }) =>
    rules.filter(({ required }) => required).map(({ runs: selector, topology = null }) => ({ hostId: host_id, selector, topology, runs })),
  );
}

async function readFailures(sql: Sql, workspaceId: string): Promise<PullFailure[]> {
  const { rows } = await sql.query<{ host_id: string; image: string; reason: PullFailure['reason']; times: number; last_at: Date }>({
    name: 'placement-failures',
    text: `SELECT f.host_id, r.image, f.reason, count(*)::int AS times, max(f.ended_at) AS last_at
             FROM (SELECT host_id, run_id, reason, ended_at FROM attempt
                    WHERE workspace_id = $1 AND unpulled
                      AND ended_at > now() - make_interval(secs => $2)
                    ORDER BY ended_at DESC LIMIT ${MOST_FAILURES}) f
             JOIN run r ON r.id = f.run_id
            GROUP BY f.host_id, r.image, f.reason`,
    values: [workspaceId, FAILURES_COUNT_SECONDS],
  });
  return rows.map(({ host_id, image, reason, times, last_at }) => ({ hostId: host_id, image, reason, times, lastAt: last_at }));
}
