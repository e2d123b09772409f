/** Which versions of secrets a spec has, and their values. A value goes in at a write and comes out only for a host (law L8), or where it is visible. */
import { BerthError, type Problem } from '@berth/shared/errors/problem';
import type { RunSpec } from '@berth/shared/model/run';
import type { SecretValue } from '@berth/shared/protocol/agent';
import { Injectable, Logger } from '@nestjs/common';
import { type DataKey, DataKeys } from './data-keys.ts';
import { Database, type Sql } from './database.ts';
import { open, seal } from './secret-box.ts';

/** Names that a refusal tells. */
const TOLD_NAMES = 20;

export interface Pin {
  secret: string;
  version: number;
}

interface ValueRow {
  id: string;
  name: string;
  visible: boolean;
  number: number;
  sealed: Buffer | null;
  data_key: number;
  key: Buffer;
}

const boundTo = (workspaceId: string, secretId: string, number: number) => `secret/${workspaceId}/${secretId}/${number}`;

@Injectable()
export class SecretValues {
  private readonly log = new Logger('SecretValues');

  constructor(
    private readonly database: Database,
    private readonly keys: DataKeys,
  ) {}

  seal({ key }: DataKey, workspaceId: string, secretId: string, number: number, value: string): Buffer {
    return seal(key, value, boundTo(workspaceId, secretId, number));
  }

  /** The latest version of each of the names that there is. */
  async latest(workspaceId: string, names: readonly string[]): Promise<Map<string, number>> {
    if (names.length === 0) return new Map();
    const { rows } = await this.database.sql.query<{ name: string; version: number }>(
      'SELECT name, version FROM secret WHERE workspace_id = $1 AND name = ANY($2) AND deleted_at IS NULL',
      [workspaceId, [...new Set(names)]],
    );
    return new Map(rows.map(({ name, version }) => [name, version]));
  }

  /**
   * The spec with the version of each of its secrets filled in: the latest, where it names none. Throws BerthError `invalid-request` for a secret or
   * a version that is not there; `at` is where the spec stands in what was sent.
   */
  async pin<T extends Pick<RunSpec, 'secrets'>>(workspaceId: string, spec: T, at = 'spec'): Promise<T> {
    const { secrets } = spec;
    if (!secrets?.length) return spec;
    const names = [...new Set(secrets.map(({ secret }) => secret))];
    const { rows } = await this.database.sql.query<{ name: string; version: number; numbers: number[] }>(
      `SELECT s.name, s.version, array_agg(v.number ORDER BY v.number) FILTER (WHERE v.sealed IS NOT NULL) AS numbers
         FROM secret s JOIN secret_version v ON v.secret_id = s.id
        WHERE s.workspace_id = $1 AND s.name = ANY($2) AND s.deleted_at IS NULL GROUP BY s.id`,
      [workspaceId, names],
    );
    const found = new Map(rows.map((row) => [row.name, row]));
    const errors: NonNullable<Problem['errors']> = [];
    const there = found.size < names.length ? await this.namesInWords(workspaceId) : '';
    const pinned = secrets.map((use, index) => {
      const known = found.get(use.secret);
      const path = `${at}.secrets.${index}`;
      if (!known) errors.push({ path: `${path}.secret`, message: `there is no secret "${use.secret}" in the workspace; ${there}` });
      else if (use.version !== undefined && !known.numbers.includes(use.version)) {
        const message = `the secret "${use.secret}" has no value of version ${use.version}; there is ${known.numbers.join(', ')}`;
        errors.push({ path: `${path}.version`, message });
      }
      return { ...use, version: use.version ?? known?.version };
    });
    const [first] = errors;
    if (first) throw new BerthError('invalid-request', `${first.path}: ${first.message}`, { errors });
    return { ...spec, secrets: pinned };
  }

  /** In the order of the pins. A value that is not there any more, or does not open, is null: whoever needs it says so. */
  async resolve(workspaceId: string, pins: readonly Pin[]): Promise<SecretValue[]> {
    const rows = await this.read(this.database.sql, workspaceId, pins);
    const byPin = new Map(rows.map((row) => [`${row.name} ${row.number}`, row]));
    return pins.map(({ secret, version }) => {
      const row = byPin.get(`${secret} ${version}`);
      return { secret, version, value: row ? this.openOrNull(workspaceId, row) : null, visible: row?.visible ?? false };
    });
  }

  /** Seals all of a workspace's values with another data key. Under the lock; answers how many. */
  async resealAll(sql: Sql, workspaceId: string, to: DataKey): Promise<number> {
    const { rows } = await sql.query<ValueRow>(`${SELECT} WHERE s.workspace_id = $1 AND v.sealed IS NOT NULL AND v.data_key <> $2`, [
      workspaceId,
      to.number,
    ]);
    for (const row of rows) {
      const sealed = this.seal(to, workspaceId, row.id, row.number, this.open(workspaceId, row, row.sealed ?? Buffer.alloc(0)));
      await sql.query('UPDATE secret_version SET sealed = $3, data_key = $4 WHERE secret_id = $1 AND number = $2', [
        row.id,
        row.number,
        sealed,
        to.number,
      ]);
    }
    return rows.length;
  }

  private async read(sql: Sql, workspaceId: string, pins: readonly Pin[]): Promise<ValueRow[]> {
    const { rows } = await sql.query<ValueRow>({
      name: 'secret-values',
      text: `${SELECT} JOIN unnest($2::text[], $3::int[]) AS pin(name, number) ON pin.name = s.name AND pin.number = v.number
              WHERE s.workspace_id = $1 AND s.deleted_at IS NULL`,
      values: [workspaceId, pins.map(({ secret }) => secret), pins.map(({ version }) => version)],
    });
    return rows;
  }

  private open(workspaceId: string, row: ValueRow, sealed: Buffer): string {
    return open(this.keys.open(workspaceId, row.data_key, row.key), sealed, boundTo(workspaceId, row.id, row.number));
  }

  private openOrNull(workspaceId: string, row: ValueRow): string | null {
    if (row.sealed === null) return null;
    try {
      return this.open(workspaceId, row, row.sealed);
    } catch (error) {
      this.log.error(`secret ${row.id}, version ${row.number}, does not open: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  private async namesInWords(workspaceId: string): Promise<string> {
    const { rows } = await this.database.sql.query<{ name: string }>(
      'SELECT name FROM secret WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY name LIMIT $2',
      [workspaceId, TOLD_NAMES + 1],
    );
    if (rows.length === 0) return 'it has none yet: make one with POST …/secrets';
    const names = rows.slice(0, TOLD_NAMES).map(({ name }) => name);
    return `there is ${names.join(', ')}${rows.length > TOLD_NAMES ? ' and more' : ''}`;
  }
}

const SELECT = `SELECT s.id, s.name, s.visible, v.number, v.sealed, v.data_key, k.sealed AS key
  FROM secret s JOIN secret_version v ON v.secret_id = s.id JOIN data_key k ON k.workspace_id = v.workspace_id AND k.number = v.data_key`;
