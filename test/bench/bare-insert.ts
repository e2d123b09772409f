/** What Postgres itself does on this machine: rows a second, a row a statement, over eight connections. */
import pg from 'pg';

const CONNECTIONS = 8;

export async function bareInsertsPerSecond(databaseUrl: string, rows: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  try {
    await pool.query(
      'create table if not exists bench_insert (id bigint primary key, spec jsonb not null, at timestamptz not null default now())',
    );
    await pool.query('truncate bench_insert');
    const spec = JSON.stringify({ image: 'hello-world', pullPolicy: 'if-not-present' });
    let next = 0;
    const lane = async () => {
      while (next < rows) await pool.query('insert into bench_insert (id, spec) values ($1, $2)', [next++, spec]);
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    const seconds = (performance.now() - start) / 1000;
    await pool.query('drop table bench_insert');
    return rows / seconds;
  } finally {
    await pool.end();
  }
}
