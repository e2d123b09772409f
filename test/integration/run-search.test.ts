/** The list of runs over a long past: what hardly a run has is found without a look at the others, and what is found is right. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Database } from '../../apps/api/src/persistence/database.ts';
import { type RunsWanted, selectRuns } from '../../apps/api/src/persistence/run-search.ts';
import { addWords } from '../../apps/api/src/persistence/run-words.ts';
import { storeRuns } from '../bench/stored-runs.ts';
import { freshDatabase } from '../support/postgres.ts';

const STORED = 30_000;
const NEWER = 5_000;
/** Rows that a page of 50 may look at, for every filter. */
const MOST_LOOKED_AT = 3_000;

interface PlanNode {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}
const planSchema: z.ZodType<PlanNode> = z.object({
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  Plans: z.lazy(() => z.array(planSchema)).optional(),
});
const explainedSchema = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planSchema })]) })]);

let database: Database;
beforeAll(async () => {
  const url = await freshDatabase();
  database = new Database({ url, poolSize: 2 });
  await database.sql.query("INSERT INTO workspace (id, name, slug) VALUES ('ws_a', 'a', 'a')");
  await database.sql.query("INSERT INTO host (id, workspace_id, name, public_key) VALUES ('host_a', 'ws_a', 'web-1', 'key')");
  await storeRuns(url, { workspace: 'a', runs: STORED });
  // The oldest of all: whoever walks back from the newest to it has seen them all.
  await database.sql.query(
    `UPDATE run SET name = 'needle-of-old', labels = '{"rare":"yes"}', phase = 'lost' WHERE id = (SELECT min(id) FROM run)`,
  );
  await database.sql.query(
    `INSERT INTO run (id, workspace_id, name, spec, image, phase, created_by)
     VALUES ('run_2', 'ws_a', 'new', '{}', 'web:2', 'pulling', 'me'), ('run_3', 'ws_a', 'newer', '{}', 'web:2', 'queued', 'me')`,
  );
  // What is new has another name and no label: whoever looks for those walks over it.
  await database.sql.query(
    `INSERT INTO run (id, workspace_id, name, spec, image, phase, created_by)
     SELECT 'run_1' || lpad(n::text, 25, '0'), 'ws_a', 'other', '{}', 'other', 'exited', 'me' FROM generate_series(1, ${NEWER}) n`,
  );
  const words = ['other', 'needle-of-old', 'new', 'newer'].map((word) => ({ workspaceId: 'ws_a', kind: 'name', word }) as const);
  await addWords(database.sql, [...words, { workspaceId: 'ws_a', kind: 'image', word: 'web:2' }]);
  await database.sql.query('ANALYZE run');
}, 120_000);
afterAll(() => database?.onApplicationShutdown());

async function found(wanted: Partial<RunsWanted>): Promise<string[]> {
  const selected = await selectRuns(database.sql, 'ws_a', { limit: 50, ...wanted });
  if (!selected) return [];
  const { text, values } = selected;
  const { rows } = await database.sql.query<{ name: string }>(`SELECT name FROM (${text}) r ORDER BY id DESC LIMIT 51`, values);
  return rows.map(({ name }) => name);
}

async function lookedAt(wanted: Partial<RunsWanted>): Promise<number> {
  const selected = await selectRuns(database.sql, 'ws_a', { limit: 50, ...wanted });
  if (!selected) return 0;
  const { text, values } = selected;
  const { rows } = await database.sql.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
  const [{ 'QUERY PLAN': plan }] = explainedSchema.parse(rows);
  return rowsOf(plan[0].Plan);
}

function rowsOf(node: PlanNode): number {
  const below = (node.Plans ?? []).map(rowsOf);
  const passed = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return Math.max(passed * node['Actual Loops'], ...below);
}

it.each<[string, Partial<RunsWanted>, string[]]>([
  ['a part of a name, whatever its case', { name: 'NEEDLE' }, ['needle-of-old']],
  ['a part of a name that no run has', { name: 'no-run-has-this' }, []],
  ['a part of an image', { image: 'eb:2' }, ['newer', 'new']],
  ['a part of an image that is one of a name', { image: 'needle' }, []],
  ['a part of a name of one letter', { name: '#' }, []],
  ['a name with signs of the pattern language', { name: 'n%w_' }, []],
  ['a label with its value', { label: ['rare=yes'] }, ['needle-of-old']],
  ['a label by its key', { label: ['rare'] }, ['needle-of-old']],
  ['a label that no run has', { label: ['rare=no'] }, []],
  ['an end that one run has come to', { phase: ['lost'] }, ['needle-of-old']],
  ['a phase of runs under way', { phase: ['pulling'] }, ['new']],
  ['several phases, some of them under way', { phase: ['lost', 'queued', 'pulling', 'running'] }, ['newer', 'new', 'needle-of-old']],
  ['a host that has none', { host: 'host_b' }, []],
  ['filters together', { phase: ['lost'], name: 'needle', label: ['rare'], image: 'hello' }, ['needle-of-old']],
  ['filters together that no run fits', { phase: ['lost'], name: 'needle', label: ['rare'], image: 'web' }, []],
])('finds %s, and looks at hardly any other run', async (_, wanted, names) => {
  expect(await found(wanted)).toEqual(names);
  expect(await lookedAt(wanted)).toBeLessThan(MOST_LOOKED_AT);
});

it.each<[string, Partial<RunsWanted>]>([
  ['all', {}],
  ['an end that many came to', { phase: ['failed'] }],
  ['any end', { phase: ['exited', 'failed', 'cancelled', 'lost'] }],
  ['a name that many have', { name: 'past-77' }],
  ['a label that many have', { label: ['team=team-7'] }],
  ['a label key that nearly all have', { label: ['team'] }],
  ['a host that nearly all ran on', { host: 'host_a', phase: ['failed'] }],
  ['a part of a name of two letters', { name: 'OT' }],
])('a page of %s is full, and found without a look at all', async (_, wanted) => {
  expect(await found(wanted)).toHaveLength(51);
  expect(await lookedAt(wanted)).toBeLessThan(MOST_LOOKED_AT);
});
