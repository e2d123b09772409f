/**
 * The key of a workspace, with which its secrets are sealed (envelope encryption): a row has it sealed with the installation's key, so that a new
 * one of those means a few rows to be sealed anew, whatever there is of secrets. Each is bound to its workspace and number.
 */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Sql } from './database.ts';
import { MasterKeys } from './master-keys.ts';

export interface DataKey {
  number: number;
  key: Buffer;
}

const boundTo = (workspaceId: string, number: number) => `data-key/${workspaceId}/${number}`;

@Injectable()
export class DataKeys {
  constructor(private readonly masters: MasterKeys) {}

  /** Writers of a workspace's secrets come one after the other: no value is sealed with a key that is on its way out. */
  async lock(sql: Sql, workspaceId: string): Promise<void> {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('secrets/' || $1, 0))", [workspaceId]);
  }

  /** Made where there is none. Under the lock. */
  async present(sql: Sql, workspaceId: string): Promise<DataKey> {
    const { rows } = await sql.query<{ number: number; sealed: Buffer }>(
      'SELECT number, sealed FROM data_key WHERE workspace_id = $1 ORDER BY number DESC LIMIT 1',
      [workspaceId],
    );
    const row = rows[0];
    return row ? { number: row.number, key: this.open(workspaceId, row.number, row.sealed) } : this.make(sql, workspaceId, 1);
  }

  /** Under the lock. */
  async make(sql: Sql, workspaceId: string, number: number): Promise<DataKey> {
    const key = randomBytes(32);
    await sql.query('INSERT INTO data_key (workspace_id, number, sealed, master) VALUES ($1, $2, $3, $4)', [
      workspaceId,
      number,
      this.masters.seal(key.toString('base64'), boundTo(workspaceId, number)),
      this.masters.fingerprint,
    ]);
    return { number, key };
  }

  open(workspaceId: string, number: number, sealed: Uint8Array): Buffer {
    return Buffer.from(this.masters.open(sealed, boundTo(workspaceId, number)), 'base64');
  }

  /** Puts the present key of the installation around one that has an earlier one; what is inside stays. */
  reseal(workspaceId: string, number: number, sealed: Uint8Array): Buffer {
    const bound = boundTo(workspaceId, number);
    return this.masters.seal(this.masters.open(sealed, bound), bound);
  }
}
