/** The schema engine's `cli` commands: can-connect-to-database, create-database, drop-database. */
import pg from 'pg';
import { connectionSettings } from './catalog-adapter.mjs';

/** SQLSTATE to Prisma's error codes; anything else is "cannot be reached". */
const PRISMA_CODES = new Map([
  ['3D000', 'P1003'], // no such database
  ['28P01', 'P1000'], // wrong password
]);

/** Returns the exit code. The answer is a line of JSON on standard error, as the native engine writes it. */
export async function runDatabaseCommand(command, databaseUrl) {
  const settings = connectionSettings(databaseUrl);
  const name = `"${settings.database.replaceAll('"', '""')}"`;
  const client = new pg.Client({ ...settings, database: command === 'can-connect-to-database' ? settings.database : 'postgres' });
  try {
    await client.connect();
    if (command === 'create-database') await client.query(`CREATE DATABASE ${name}`);
    if (command === 'drop-database') await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.end();
    log('INFO', { message: 'Connection successful' });
    return 0;
  } catch (error) {
    log('ERROR', {
      message: error.message,
      is_panic: false,
      error_code: PRISMA_CODES.get(error.code) ?? 'P1001',
      meta: {
        database_name: settings.database,
        database_host: settings.host,
        database_port: settings.port,
        database_user: settings.user,
        database_schema_name: 'public',
      },
    });
    return 1;
  }
}

function log(level, fields) {
  process.stderr.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, fields, target: 'schema_engine' })}\n`);
}
