/**
 * After the installation's key was replaced: what an earlier key has sealed is sealed with the present one, so that the earlier one is no longer
 * needed. A step of the sweep, not of the start alone: a replica that still has the earlier key may write meanwhile.
 */
import { Injectable, Logger } from '@nestjs/common';
import { DataKeys } from './data-keys.ts';
import { Database } from './database.ts';
import { MasterKeys } from './master-keys.ts';

const ROWS_AT_ONCE = 500;

@Injectable()
export class KeyRewrap {
  private readonly log = new Logger('KeyRewrap');

  constructor(
    private readonly database: Database,
    private readonly masters: MasterKeys,
    private readonly dataKeys: DataKeys,
  ) {}

  /** Nothing without BERTH_SECRET_KEY_PREVIOUS. Throws where a row opens with no key that is known. */
  async goOn(): Promise<void> {
    if (!this.masters.wasReplaced) return;
    const [keys, registries] = [await this.resealDataKeys(), await this.resealRegistries()];
    if (keys + registries === 0) return;
    this.log.log(`sealed anew with the present BERTH_SECRET_KEY: ${keys} keys of workspaces, ${registries} passwords of registries`);
  }

  private async resealDataKeys(): Promise<number> {
    for (let done = 0; ; ) {
      const count = await this.database.transaction(async (sql) => {
        const { rows } = await sql.query<{ workspace_id: string; number: number; sealed: Buffer }>(
          'SELECT workspace_id, number, sealed FROM data_key WHERE master <> $1 ORDER BY workspace_id, number LIMIT $2 FOR UPDATE',
          [this.masters.fingerprint, ROWS_AT_ONCE],
        );
        for (const { workspace_id, number, sealed } of rows) {
          await sql.query('UPDATE data_key SET sealed = $3, master = $4 WHERE workspace_id = $1 AND number = $2', [
            workspace_id,
            number,
            this.dataKeys.reseal(workspace_id, number, sealed),
            this.masters.fingerprint,
          ]);
        }
        return rows.length;
      });
      done += count;
      if (count < ROWS_AT_ONCE) return done;
    }
  }

  /** They do not say which key has sealed them: all are tried, a page at a time. */
  private async resealRegistries(): Promise<number> {
    let resealed = 0;
    for (let after = ''; ; ) {
      const { rows } = await this.database.sql.query<{ id: string; workspace_id: string; secret: Buffer }>(
        'SELECT id, workspace_id, secret FROM registry WHERE id > $1 ORDER BY id LIMIT $2',
        [after, ROWS_AT_ONCE],
      );
      for (const { id, workspace_id, secret } of rows) {
        const bound = `${workspace_id}/${id}`;
        const { plain, earlier } = this.masters.openAny(secret, bound);
        if (!earlier) continue;
        await this.database.sql.query('UPDATE registry SET secret = $3 WHERE id = $1 AND secret = $2', [
          id,
          secret,
          this.masters.seal(plain, bound),
        ]);
        resealed++;
      }
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return resealed;
      after = last.id;
    }
  }
}
