/** What Postgres itself says, asked past the api. */
import pg from 'pg';
import type { z } from 'zod';

export async function ask<T extends z.ZodType>(databaseUrl: string, row: T, text: string, values: unknown[] = []): Promise<z.output<T>[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  // A server that ends says so to everybody, also between two questions.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query(text, values);
    return rows.map((found) => row.parse(found));
  } finally {
    await client.end();
  }
}
