/** One Postgres a test process; a database a suite, copied from a template that has the migrations. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../scripts/parts/migrate.ts';
import { type PostgresPart, parts } from './environment.ts';

const TEMPLATE = 'berth_template';
let server: Promise<PostgresPart> | undefined;

/** A fresh database with all migrations applied. */
export async function freshDatabase(): Promise<string> {
  server ??= startWithTemplate();
  const { url } = await server;
  const name = `berth_${randomBytes(6).toString('hex')}`;
  await statement(url('postgres'), `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return url(name);
}

/** Ends the Postgres of this process. It also ends with the process. */
export async function stopPostgres(): Promise<void> {
  const started = await server;
  server = undefined;
  await started?.stop();
}

async function startWithTemplate(): Promise<PostgresPart> {
  const started = await (await parts()).postgres();
  await statement(started.url('postgres'), `CREATE DATABASE ${TEMPLATE}`);
  await migrate(started.url(TEMPLATE));
  return started;
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
