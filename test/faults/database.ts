/** What Postgres itself says, asked past the api. */
import pg from 'pg';
import type { z } from 'zod';

/** A connection is a process of the server: looking twice a second must not cost the fleet a part of its processor. */
const CONNECTIONS = 2;
const pools = new Map<string, pg.Pool>();

function poolOf(databaseUrl: string): pg.Pool {
  const known = pools.get(databaseUrl);
  if (known) return known;
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS, connectionTimeoutMillis: 5_000, allowExitOnIdle: true });
  // A server that ends says so to everybody, also between two questions.
  pool.on('error', () => undefined);
  pools.set(databaseUrl, pool);
  return pool;
}

export async function ask<T extends z.ZodType>(databaseUrl: string, row: T, text: string, values: unknown[] = []): Promise<z.output<T>[]> {
  const { rows } = await poolOf(databaseUrl).query(text, values);
  return rows.map((found) => row.parse(found));
}
