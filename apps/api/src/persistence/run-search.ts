/**
 * The statement that finds a page of runs among a million. Each filter has an index that bears it where hardly a run has what is asked for:
 * what is rare, or was so only lately, must not be looked for in all runs.
 */
import type { ListRunsQuery } from '@berth/shared/http/lists';
import { isTerminal, PHASES, type Phase } from '@berth/shared/model/phase';
import type { Sql } from './database.ts';
import { wordsWith } from './run-words.ts';
import { Where } from './where.ts';

/** `past`: behind the run with this id, in the order that is asked for. */
export type RunsWanted = Omit<ListRunsQuery, 'cursor'> & { past?: string };

/** Words whose runs are read one after the other; where more hold the part, the newest runs will show enough of them soon. */
const MOST_WORDS = 200;

/** Selects rows of `run` that hold the page, in its order: `limit + 1` of each word and stage at most. Null: there are none. */
export async function selectRuns(sql: Sql, workspaceId: string, query: RunsWanted): Promise<{ text: string; values: unknown[] } | null> {
  const where = new Where().and('r.workspace_id = ?', workspaceId).and('r.deleted_at IS NULL');
  const [beyond, direction] = query.order === 'oldest' ? ['>', 'ASC'] : ['<', 'DESC'];
  if (query.past !== undefined) where.and(`r.id ${beyond} ?`, query.past);
  if (query.host !== undefined) where.and('r.host_id = ?', query.host);
  if (query.schedule !== undefined) where.and('r.schedule_id = ?', query.schedule);
  if (query.array !== undefined) where.and('r.array_id = ?', query.array);
  const labels = query.label ?? [];
  if (labels.length > 0) where.and("r.labels <> '{}'::jsonb").labels('r.labels', labels);
  const searched = await wordsOf(sql, workspaceId, query, where);
  if (searched?.words.length === 0) return null;
  // The order of the indexes of words, of schedules and arrays, and of runs that have labels, which is no other one's: all runs must not be walked over for it. Where something else
  // leads to the runs, its index has theirs.
  const ofOne = query.schedule !== undefined || query.array !== undefined;
  const byOwn = ofOne || searched !== null || (labels.length > 0 && !query.phase?.length);
  const last = `ORDER BY r.id ${byOwn ? 'COLLATE "C" ' : ''}${direction} LIMIT ${query.limit + 1}`;
  const page = (condition: string) =>
    searched === null
      ? `SELECT r.* FROM run r WHERE ${where.text}${condition} ${last}`
      : `SELECT r.* FROM unnest(${where.place(searched.words)}::text[]) AS searched(word) CROSS JOIN LATERAL (
           SELECT r.* FROM run r WHERE ${where.text} AND r.${searched.kind} = searched.word${condition} ${last}) r`;
  if (!query.phase || query.phase.length === 0) return { text: page(''), values: where.values };
  // A page of each stage, merged: in the order of its index each is at its end after a page, however rare it is among the others.
  const pages = stagesOf(query.phase).map(({ stage, phases }) => {
    const among = phases === null ? '' : ` AND r.phase = ANY(${where.place(phases)})`;
    return `(${page(` AND r.stage = ${where.place(stage)}${among}`)})`;
  });
  return { text: pages.join(' UNION ALL '), values: where.values };
}

/** The words that lead to the runs: of the name or of the image, whichever has fewer. The other is a condition. Null: no such filter, or too many. */
async function wordsOf(
  sql: Sql,
  workspaceId: string,
  query: RunsWanted,
  where: Where,
): Promise<{ kind: 'name' | 'image'; words: string[] } | null> {
  const found: { kind: 'name' | 'image'; words: string[] }[] = [];
  for (const kind of ['name', 'image'] as const) {
    const part = query[kind];
    if (part === undefined) continue;
    const words = await wordsWith(sql, { workspaceId, kind }, part, MOST_WORDS);
    if (words === null) where.contains(`r.${kind}`, part);
    else found.push({ kind, words });
  }
  const [first, other] = found.sort((a, b) => a.words.length - b.words.length);
  if (other) where.and(`r.${other.kind} = ANY(?)`, other.words);
  return first ?? null;
}

const LIVE: readonly Phase[] = PHASES.filter((phase) => phase !== 'queued' && !isTerminal(phase));

/** The stages that hold these phases (as the column `stage` has them); `phases` null: all of the stage. */
function stagesOf(wanted: readonly Phase[]): { stage: string; phases: Phase[] | null }[] {
  const live = LIVE.filter((phase) => wanted.includes(phase));
  const own = [...new Set(wanted)].filter((phase) => !LIVE.includes(phase)).map((phase) => ({ stage: phase, phases: null }));
  return live.length === 0 ? own : [...own, { stage: 'live', phases: live.length === LIVE.length ? null : live }];
}
