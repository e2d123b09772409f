/** All hosts of a workspace at a glance, in one statement: of each what fits into a cell. */
import type { HostState } from '@berth/shared/model/host';
import type { HostCell, HostFilter, HostMark } from '@berth/shared/model/host-map';
import type { Labels } from '@berth/shared/model/metadata';
import { Injectable } from '@nestjs/common';
import { AgentBundle } from '../install/agent-bundle.ts';
import { type OfferedAgent, skewOf } from '../planning/status/version-skew.ts';
import { Database } from './database.ts';
import { ALLOCATED, USED } from './host-mapper.ts';
import { Where } from './where.ts';

/** Each with its condition on `host h`; the filters of the route and the marks of a cell are the same. */
const MARKS: Record<HostMark, string> = {
  unapproved: 'NOT h.approved',
  cordoned: 'h.cordoned',
  draining: '(h.drain_since IS NOT NULL AND h.drained_at IS NULL)',
  drained: '(h.drain_since IS NOT NULL AND h.drained_at IS NOT NULL)',
};
const MARK_COLUMN = `array_remove(ARRAY[${Object.entries(MARKS)
  .map(([mark, condition]) => `CASE WHEN ${condition} THEN '${mark}' END`)
  .join(', ')}], NULL)`;

interface CellRow {
  id: string;
  name: string;
  labels: Labels;
  state: HostState;
  state_message: string;
  marks: HostMark[];
  cpu_millis: number;
  memory_bytes: number;
  reserved_cpu: number;
  reserved_memory: number;
  runs: number;
  used_cpu: number | null;
  used_memory: number | null;
  agent_version: string | null;
  protocol: number;
  sha256: string | null;
}

@Injectable()
export class HostMapRepository {
  constructor(
    private readonly database: Database,
    private readonly agents: AgentBundle,
  ) {}

  /** In the order in which they joined. */
  async cells(workspaceId: string, { name, state, label }: HostFilter = {}): Promise<HostCell[]> {
    const where = new Where().and('h.workspace_id = ?', workspaceId).and('h.removed_at IS NULL');
    if (name !== undefined) where.contains('h.name', name);
    if (state !== undefined) {
      if (isMark(state)) where.and(MARKS[state]);
      else where.and('h.state = ?', state);
    }
    where.labels('h.labels', label ?? []);
    const { rows } = await this.database.sql.query<CellRow>(
      `SELECT h.id, h.name, h.labels, h.state, h.state_message, ${MARK_COLUMN} AS marks, h.cpu_millis, h.memory_bytes,
              u.cpu AS reserved_cpu, u.memory AS reserved_memory, u.runs, s.cpu AS used_cpu, s.memory AS used_memory,
              h.facts->>'agentVersion' AS agent_version, h.protocol, h.bundle->>'sha256' AS sha256
         FROM host h CROSS JOIN LATERAL (${ALLOCATED}) u CROSS JOIN LATERAL (${USED}) s
        WHERE ${where.text} ORDER BY h.id`,
      where.values,
    );
    const offered = this.agents.offered();
    return rows.map((row) => toCell(row, offered));
  }
}

const isMark = (state: HostState | HostMark): state is HostMark => Object.hasOwn(MARKS, state);

function toCell(row: CellRow, offered: OfferedAgent | null): HostCell {
  return {
    id: row.id,
    name: row.name,
    labels: row.labels,
    state: row.state,
    message: row.state === 'ready' ? null : row.state_message,
    marks: row.marks,
    cpu: { total: row.cpu_millis, reserved: row.reserved_cpu, used: row.used_cpu },
    memory: { total: row.memory_bytes, reserved: row.reserved_memory, used: row.used_memory },
    runs: row.runs,
    agentVersion: row.agent_version,
    skew: skewOf(row.agent_version, row.protocol, row.sha256, offered).skew,
  };
}
