/** Rows of volumes → the resources that clients see. */
import type { Labels } from '@berth/shared/model/metadata';
import type { Phase } from '@berth/shared/model/phase';
import { SHOWN_USERS, type Volume } from '@berth/shared/model/volume';
import { isoOrNull } from './run-mapper.ts';

export interface VolumeRow {
  id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  host_id: string | null;
  host_name: string | null;
  host_state: string | null;
  host_message: string | null;
  host_removed: boolean;
  bound_at: Date | null;
  size_bytes: number | null;
  measured_at: Date | null;
  missing_since: Date | null;
  resource_version: number;
  created_at: Date;
  users: { runId: string; name: string; phase: Phase }[];
  user_count: number;
}

/** Of the runs that are not at an end: also of those that were deleted and whose container is still being killed. */
const USERS = `
  SELECT count(*)::int AS user_count,
         coalesce(jsonb_agg(jsonb_build_object('runId', a.id, 'name', a.name, 'phase', a.phase) ORDER BY a.id DESC)
                    FILTER (WHERE a.nth <= ${SHOWN_USERS}), '[]') AS users
    FROM (SELECT r.id, r.name, r.phase, row_number() OVER (ORDER BY r.id DESC) AS nth
            FROM run r JOIN run_volume u ON u.run_id = r.id AND u.volume_id = v.id
           WHERE r.workspace_id = v.workspace_id AND r.stage IN ('queued', 'live') AND r.spec ? 'volumes') a`;

export const SELECT_VOLUMES = `
  SELECT v.id, w.slug AS workspace_slug, v.name, v.labels, v.host_id, h.name AS host_name, h.state AS host_state, h.state_message AS host_message,
         h.removed_at IS NOT NULL AS host_removed, v.bound_at, v.size_bytes, v.measured_at, v.missing_since, v.resource_version, v.created_at,
         u.users, u.user_count
    FROM volume v JOIN workspace w ON w.id = v.workspace_id LEFT JOIN host h ON h.id = v.host_id CROSS JOIN LATERAL (${USERS}) u`;

export function toVolume(row: VolumeRow): Volume {
  return {
    kind: 'Volume',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: 1,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: row.host_id === null ? {} : { host: row.host_name ?? row.host_id },
    status: {
      hostId: row.host_id,
      hostName: row.host_name,
      sizeBytes: row.size_bytes,
      measuredAt: isoOrNull(row.measured_at),
      users: row.users,
      userCount: row.user_count,
      message: messageOf(row),
    },
  };
}

/** One sentence: is it where it should be, and what follows from it. */
function messageOf({ host_name: host, host_state, host_message, host_removed, missing_since, measured_at, size_bytes }: VolumeRow): string {
  if (host === null) return 'is not on any host yet: it comes to lie on that of the first run that has it';
  if (host_removed) {
    return `lies on ${host}, which was removed from the workspace: restore a backup into another volume, or delete it to begin anew`;
  }
  if (host_state === 'lost') return `lies on ${host}, which counts as lost: runs that have it wait until it is back`;
  if (host_state !== 'ready') return `lies on ${host}, which is not ready: ${host_message}`;
  if (missing_since !== null) {
    return `is no longer on ${host}: somebody removed it there; the next run that has it begins with an empty one`;
  }
  if (measured_at !== null && size_bytes === null) return `is to lie on ${host}; it is made there with the first run that has it`;
  return `lies on ${host}`;
}
