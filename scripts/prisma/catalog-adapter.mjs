/**
 * Prisma's adapter for pg, mended where the schema engine needs more of it than queries do. Each mend names the fault that it works round.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/**
 * The catalogue of Postgres has columns of types that no table of a user has, and the adapter refuses types that it does not know:
 * "char" (OID 18) is read as an array of it (1002), name (19) as text (25).
 */
const READ_TYPE_AS = new Map([
  [18, 1002],
  [19, 25],
]);

function renameTypes(result) {
  for (const one of Array.isArray(result) ? result : [result]) {
    for (const field of one?.fields ?? []) field.dataTypeID = READ_TYPE_AS.get(field.dataTypeID) ?? field.dataTypeID;
  }
  return result;
}

class CatalogClient extends pg.Client {
  query(...args) {
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      args[args.length - 1] = (error, result) => callback(error, result && renameTypes(result));
      return super.query(...args);
    }
    const pending = super.query(...args);
    return typeof pending?.then === 'function' ? pending.then(renameTypes) : pending;
  }
}

/**
 * Address of a database as single settings: with `connectionString` set, pg takes the database from it even where `database` names
 * another one, and a shadow database would then be the real one.
 */
export function connectionSettings(url) {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port) || 5432,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    Client: CatalogClient,
    max: 4,
  };
}

function mend(adapter) {
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    // Undoes READ_TYPE_AS for the engine, which expects a single character.
    const columnTypes = result.columnTypes.map((type) => (type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type));
    return { ...result, columnTypes };
  };
  // The adapter splits a script at every semicolon, also those in comments and in bodies of functions. Postgres takes it whole.
  const driver = adapter.underlyingDriver();
  adapter.executeScript = async (script) => {
    await driver.query(script);
  };
  const startTransaction = adapter.startTransaction?.bind(adapter);
  if (startTransaction) adapter.startTransaction = async (isolationLevel) => mend(await startTransaction(isolationLevel));
  return adapter;
}

/** What the schema engine asks for connections: to the database, and to a shadow of it that lives as long as the connection. */
export class CatalogAdapterFactory {
  provider = 'postgres';
  adapterName = '@prisma/adapter-pg';
  #settings;
  #schema;

  constructor(url) {
    this.#settings = connectionSettings(url);
    this.#schema = new URL(url).searchParams.get('schema') ?? undefined;
  }

  async connect() {
    return mend(await new PrismaPg(this.#settings, { schema: this.#schema }).connect());
  }

  async connectToShadowDb() {
    const database = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
    const admin = new pg.Client(this.#settings);
    await admin.connect();
    await admin.query(`CREATE DATABASE "${database}"`);
    const adapter = mend(await new PrismaPg({ ...this.#settings, database }, { schema: this.#schema }).connect());
    const dispose = adapter.dispose.bind(adapter);
    adapter.dispose = async () => {
      // The adapter drops it while its own connections are open, which Postgres refuses.
      await dispose();
      await admin.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
      await admin.end();
    };
    return adapter;
  }
}
