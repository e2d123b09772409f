/** Which volumes a run has, where they lie, and that they come to lie somewhere: in the transactions of placement and of creation. */
import { newId } from '@berth/shared/model/ids';
import type { PlacementPlan } from '../planning/scheduler/model.ts';
import type { Sql } from './database.ts';
import type { EventRepository, NewEvent } from './event-repository.ts';
import type { NewRun } from './run-inserter.ts';

/** Of `run`, as PendingVolume has them. */
export const VOLUMES_OF_RUN = `
  SELECT jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name, 'lies', CASE WHEN h.id IS NOT NULL THEN
           jsonb_build_object('hostId', h.id, 'hostName', h.name, 'removed', h.removed_at IS NOT NULL, 'lost', h.state = 'lost') END) ORDER BY v.id)
    FROM run_volume u JOIN volume v ON v.id = u.volume_id LEFT JOIN host h ON h.id = v.host_id WHERE u.run_id = run.id`;

/** Something else has bound a volume, or removed it, since the plan was made. */
export class VolumeMoved extends Error {
  override readonly name = 'VolumeMoved';
}

/** By compare-and-set: whatever was planned, a volume never has two hosts. `runIds`: of the plan, those that were placed. */
export async function bindVolumes(
  sql: Sql,
  plan: PlacementPlan,
  runIds: readonly string[],
): Promise<{ id: string; name: string; hostId: string }[]> {
  const placed = new Set(runIds);
  const binds = plan.placements.flatMap(({ runId, hostId, binds }) =>
    placed.has(runId) ? binds.map((id) => ({ id, host_id: hostId })) : [],
  );
  // A run that was to bind a volume was cancelled meanwhile, and another one of the plan follows it there.
  const orphaned = plan.placements.some(({ runId, binds }) => binds.length > 0 && !placed.has(runId));
  if (orphaned) throw new VolumeMoved('a run that was to bind a volume ended meanwhile');
  if (binds.length === 0) return [];
  const { rows } = await sql.query<{ id: string; name: string; host_id: string }>({
    name: 'placement-bind',
    text: `WITH asked AS (SELECT * FROM json_to_recordset($1::json) AS a(id text, host_id text)),
           free AS (SELECT v.id, a.host_id FROM volume v JOIN asked a ON a.id = v.id
                     WHERE v.host_id IS NULL AND v.deleted_at IS NULL ORDER BY v.id FOR NO KEY UPDATE OF v)
           UPDATE volume v SET host_id = f.host_id, bound_at = now(), resource_version = v.resource_version + 1
             FROM free f WHERE v.id = f.id RETURNING v.id, v.name, v.host_id`,
    values: [JSON.stringify(binds)],
  });
  if (rows.length < binds.length) throw new VolumeMoved('a volume was bound to a host, or deleted, meanwhile');
  return rows.map((row) => ({ id: row.id, name: row.name, hostId: row.host_id }));
}

/**
 * Makes the volumes that these runs name and that are not there, and keeps which ones they mean. A volume that is being deleted in this
 * moment is waited for, and made anew.
 */
export async function linkVolumes(sql: Sql, events: EventRepository, runs: readonly NewRun[]): Promise<void> {
  const asked = runs.flatMap(({ id, workspace_id, name, spec, createdBy }) =>
    [...new Set((spec.volumes ?? []).map(({ volume }) => volume))].map((volume) => ({
      run_id: id,
      run_name: name,
      workspace_id,
      volume,
      id: newId('volume'),
      created_by: createdBy,
    })),
  );
  if (asked.length === 0) return;
  const { rows } = await sql.query<{ id: string; workspace_id: string; volume: string }>({
    name: 'volumes-link',
    text: `WITH asked AS (
             SELECT * FROM json_to_recordset($1::json) AS a(run_id text, workspace_id text, volume text, id text, created_by text)
           ), named AS (
             INSERT INTO volume (id, workspace_id, name, created_by)
             SELECT DISTINCT ON (workspace_id, volume) id, workspace_id, volume, created_by FROM asked ORDER BY workspace_id, volume, id
             ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name
             RETURNING id, workspace_id, name
           ), linked AS (
             INSERT INTO run_volume (run_id, volume_id)
             SELECT a.run_id, n.id FROM asked a JOIN named n ON n.workspace_id = a.workspace_id AND n.name = a.volume
           )
           SELECT a.id, a.workspace_id, a.volume FROM asked a JOIN named n ON n.id = a.id`,
    values: [JSON.stringify(asked)],
  });
  const made = rows.map(({ id, workspace_id, volume }): NewEvent => {
    const first = asked.find((one) => one.id === id);
    const data = { name: volume, change: 'created', message: `made with the run ${first?.run_name ?? ''}`, actor: first?.created_by };
    return { workspaceId: workspace_id, type: 'volume.changed', id, data };
  });
  await events.append(sql, made);
}
