/** A workspace with a long past: ended runs, each with its attempt, written straight into Postgres as the product writes them. */
import pg from 'pg';

/** Ids before every real one: those begin with the time of today. */
const PAST = "'0' || lpad(n::text, 25, '0')";

/** Beside those that are there; `first` is the number of the oldest, where another workspace has a past already. Answers how long it took, in seconds. */
export async function storeRuns(
  databaseUrl: string,
  { workspace, runs, first = 1 }: { workspace: string; runs: number; first?: number },
): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const start = performance.now();
  try {
    const { rows } = await client.query<{ id: string; host_id: string }>(
      `SELECT w.id, (SELECT h.id FROM host h WHERE h.workspace_id = w.id ORDER BY h.id LIMIT 1) AS host_id FROM workspace w WHERE w.slug = $1`,
      [workspace],
    );
    const place = rows[0];
    if (!place?.host_id) throw new Error(`workspace ${workspace} has no host`);
    const values = [place.id, place.host_id, first, first + runs - 1];
    await client.query(
      `INSERT INTO run (id, workspace_id, name, labels, spec, image, desired, phase, reason, message, exit_code, image_digest, host_id, attempt_id,
                        attempt_count, phase_times, created_by, created_at, started_at, finished_at, ended_at)
       SELECT 'run_' || ${PAST}, $1, 'past-' || n % 1000, jsonb_build_object('team', 'team-' || n % 50), '{"image":"hello-world:latest"}', 'hello-world:latest', 'run',
              CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'exited' END, CASE WHEN n % 20 = 0 THEN 'image-not-found' ELSE 'completed' END, 'exited 0', 0,
              'sha256:' || repeat('0', 64), $2, 'att_' || ${PAST}, 1, jsonb_build_object('queued', now(), 'running', now(), 'exited', now()), 'bench',
              now() - interval '1 day', now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
         FROM generate_series($3::int, $4::int) n`,
      values,
    );
    await client.query(
      `INSERT INTO attempt (id, workspace_id, run_id, host_id, number, phase, reason, message, changed_generation, released, exit_code, created_at, finished_at, ended_at)
       SELECT 'att_' || ${PAST}, $1, 'run_' || ${PAST}, $2, 1, 'exited', 'completed', 'exited 0', 0, true, 0, now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
         FROM generate_series($3::int, $4::int) n`,
      values,
    );
    await client.query(
      `INSERT INTO run_word SELECT DISTINCT workspace_id, 'name', name FROM run
       UNION ALL SELECT DISTINCT workspace_id, 'image', image FROM run ON CONFLICT DO NOTHING`,
    );
    // As a database of that age is, and not in the middle of tidying up.
    await client.query('VACUUM (ANALYZE) run, attempt, run_word');
    await client.query('CHECKPOINT');
    return (performance.now() - start) / 1000;
  } finally {
    await client.end();
  }
}
