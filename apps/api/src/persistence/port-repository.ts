/** Who holds which host port: for admission, which refuses what no host could ever give while others hold it. */
import { HOST_PORT_POOL, type RunSpec } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

export interface PortHolder {
  runId: string;
  runName: string;
  hostName: string;
  hostPort: number;
  protocol: 'tcp' | 'udp';
  /** Of the same host; null where all are taken. */
  freeHostPort: number | null;
}

@Injectable()
export class PortRepository {
  constructor(private readonly database: Database) {}

  /**
   * The holder that stands in the way, where every ready host that is large enough has one of the wanted ports claimed.
   * Null: some host could give them, or there is no such host at all (then the run waits, and says why).
   */
  async holderInTheWay(
    workspaceId: string,
    wanted: NonNullable<RunSpec['ports']>,
    cpuMillis: number,
    memoryBytes: number,
  ): Promise<PortHolder | null> {
    const asked = wanted.flatMap(({ hostPort, protocol }) => (hostPort === undefined ? [] : [{ hostPort, protocol }]));
    if (asked.length === 0) return null;
    const { rows } = await this.database.sql.query<{
      host_id: string;
      host_name: string;
      host_port: number | null;
      protocol: 'tcp' | 'udp' | null;
      run_id: string | null;
      run_name: string | null;
    }>(
      `SELECT DISTINCT ON (h.id) h.id AS host_id, h.name AS host_name, c.host_port, c.protocol, r.id AS run_id, r.name AS run_name
       FROM host h
       LEFT JOIN (
         port_claim c JOIN unnest($2::text[], $3::int[]) AS asked (protocol, host_port) USING (protocol, host_port)
         JOIN attempt a ON a.id = c.attempt_id JOIN run r ON r.id = a.run_id
       ) ON c.host_id = h.id
       WHERE h.workspace_id = $1 AND h.removed_at IS NULL AND h.state = 'ready' AND h.cpu_millis >= $4 AND h.memory_bytes >= $5
       ORDER BY h.id, c.host_port`,
      [workspaceId, asked.map((port) => port.protocol), asked.map((port) => port.hostPort), cpuMillis, memoryBytes],
    );
    const [first] = rows;
    if (!first || rows.some((row) => row.run_id === null)) return null;
    const { host_id, host_name, host_port, protocol, run_id, run_name } = first;
    if (host_port === null || protocol === null || run_id === null || run_name === null) return null;
    const freeHostPort = await this.freePort(host_id, protocol, host_port);
    return { runId: run_id, runName: run_name, hostName: host_name, hostPort: host_port, protocol, freeHostPort };
  }

  /** The next one after the taken port, else the first of the pool. */
  private async freePort(hostId: string, protocol: string, taken: number): Promise<number | null> {
    const { rows } = await this.database.sql.query<{ host_port: number }>(
      'SELECT host_port FROM port_claim WHERE host_id = $1 AND protocol = $2',
      [hostId, protocol],
    );
    const claimed = new Set(rows.map((row) => row.host_port));
    for (let port = taken + 1; port <= 65_535; port++) if (!claimed.has(port)) return port;
    for (let port: number = HOST_PORT_POOL.first; port < taken; port++) if (!claimed.has(port)) return port;
    return null;
  }
}
