/**
 * The distinct names and images of a workspace's runs. A part of one is looked for among them: they are few where runs are many. A word
 * stays when its last run is gone; it then leads to none.
 */
import type { Sql } from './database.ts';

export interface Word {
  workspaceId: string;
  kind: 'name' | 'image';
  word: string;
}

/** In the transaction that gives a run this name or image. Always in the same order: two that add the same must not wait for each other. */
export async function addWords(sql: Sql, words: readonly Word[]): Promise<void> {
  const distinct = [...new Map(words.map((word) => [`${word.workspaceId} ${word.kind} ${word.word}`, word])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, word]) => word);
  await sql.query({
    name: 'run-words-add',
    text: `INSERT INTO run_word (workspace_id, kind, word) SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
    values: [distinct.map(({ workspaceId }) => workspaceId), distinct.map(({ kind }) => kind), distinct.map(({ word }) => word)],
  });
}

/** Those that hold the part, whatever its case. Null: more than so many. */
export async function wordsWith(sql: Sql, of: Omit<Word, 'word'>, part: string, most: number): Promise<string[] | null> {
  const { rows } = await sql.query<{ word: string }>(
    `SELECT word FROM run_word WHERE workspace_id = $1 AND kind = $2 AND word ILIKE $3 LIMIT ${most + 1}`,
    [of.workspaceId, of.kind, `%${part.replace(/[\\%_]/g, '\\$&')}%`],
  );
  return rows.length > most ? null : rows.map(({ word }) => word);
}
