#!/usr/bin/env node
// Stand-in for Prisma's native schema engine: speaks its JSON-RPC on stdio, runs @prisma/schema-engine-wasm over @prisma/adapter-pg.
// Use: PRISMA_SCHEMA_ENGINE_BINARY=$PWD/tools/schema-engine.mjs npx prisma migrate ...
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bg from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const argv = process.argv.slice(2);
if (argv.includes('--version')) {
  console.log('schema-engine-cli ' + 'wasm-shim');
  process.exit(0);
}
const opt = (n) => {
  const i = argv.indexOf(n);
  return i < 0 ? undefined : argv[i + 1];
};
const url = JSON.parse(opt('--datasource') ?? '{}').url ?? process.env.DATABASE_URL;
const log = (level, message, extra = {}) =>
  process.stderr.write(
    JSON.stringify({ timestamp: new Date().toISOString(), level, fields: { message, ...extra }, target: 'schema_engine' }) + '\n',
  );
const fix = (r) => {
  for (const x of Array.isArray(r) ? r : [r])
    for (const f of x?.fields ?? []) {
      if (f.dataTypeID === 18) f.dataTypeID = 1002;
      else if (f.dataTypeID === 19) f.dataTypeID = 25;
    }
  return r;
};
class CatalogClient extends pg.Client {
  query(...a) {
    const cb = a.at(-1);
    if (typeof cb === 'function') {
      a[a.length - 1] = (e, r) => cb(e, r && fix(r));
      return super.query(...a);
    }
    const p = super.query(...a);
    return typeof p?.then === 'function' ? p.then(fix) : p;
  }
}
const u = new URL(url);
const cfg = {
  host: u.hostname,
  port: +u.port || 5432,
  user: decodeURIComponent(u.username),
  password: decodeURIComponent(u.password),
  database: decodeURIComponent(u.pathname.slice(1)),
  Client: CatalogClient,
  max: 4,
};
const schema = u.searchParams.get('schema') ?? undefined;
if (argv.includes('cli')) {
  const cmd = argv[argv.indexOf('cli') + 1];
  const db = cmd === 'can-connect-to-database' ? cfg.database : 'postgres';
  const c = new pg.Client({ ...cfg, database: db });
  try {
    await c.connect();
    if (cmd === 'create-database') await c.query(`CREATE DATABASE "${cfg.database.replaceAll('"', '""')}"`);
    if (cmd === 'drop-database') await c.query(`DROP DATABASE IF EXISTS "${cfg.database.replaceAll('"', '""')}" WITH (FORCE)`);
    log('INFO', 'Connection successful');
    process.exit(0);
  } catch (e) {
    const code = e.code === '3D000' ? 'P1003' : e.code === '28P01' ? 'P1000' : 'P1001';
    log('ERROR', e.message, {
      is_panic: false,
      error_code: code,
      message: e.message,
      meta: {
        database_name: cfg.database,
        database_host: cfg.host,
        database_port: cfg.port,
        database_user: cfg.user,
        database_schema_name: 'public',
      },
    });
    process.exit(1);
  }
}
const patch = (ad) => {
  const q = ad.queryRaw.bind(ad);
  ad.queryRaw = async (x) => {
    const r = await q(x);
    return { ...r, columnTypes: r.columnTypes.map((t) => (t === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : t)) };
  };
  const st = ad.startTransaction?.bind(ad);
  if (st) ad.startTransaction = async (l) => patch(await st(l));
  return ad;
};
class Factory {
  provider = 'postgres';
  adapterName = '@prisma/adapter-pg';
  async connect() {
    return patch(await new PrismaPg(cfg, { schema }).connect());
  }
  async connectToShadowDb() {
    const database = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
    const admin = new pg.Client(cfg);
    await admin.connect();
    await admin.query(`CREATE DATABASE "${database}"`);
    const ad = patch(await new PrismaPg({ ...cfg, database }, { schema }).connect());
    const end = ad.dispose.bind(ad);
    ad.dispose = async () => {
      await end();
      await admin.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
      await admin.end();
    };
    return ad;
  }
}
let panic;
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message: (m) => {
    panic = m;
  },
};
const wasmFile = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')),
  'schema_engine_bg.wasm',
);
const inst = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasmFile)), { './schema_engine_bg.js': bg });
bg.__wbg_set_wasm(inst.exports);
inst.exports.__wbindgen_start?.();
const dm = opt('--datamodels')
  ?.split(',')
  .map((f) => ({ path: f, content: readFileSync(f, 'utf8') }));
const firstSchema = (p) => p?.schema?.files ?? p?.to?.files ?? p?.from?.files;
let engine,
  n = 1e6;
const send = (o) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...o }) + '\n');
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const m = JSON.parse(line);
  if (!m.method) continue;
  try {
    const files = dm ?? firstSchema(m.params);
    engine ??= await bg.SchemaEngine.new(
      { datamodels: files?.map((f) => [f.path, f.content]) },
      () => {},
      bindMigrationAwareSqlAdapterFactory(new Factory()),
    );
    const result = await engine[m.method === 'getDatabaseVersion' ? 'version' : m.method](m.params);
    if (result?.stdout != null) {
      send({ id: n++, method: 'print', params: { content: result.stdout } });
    }
    send({ id: m.id, result: result ?? null });
  } catch (e) {
    send({
      id: m.id,
      error: {
        code: 4466,
        message: panic ?? e.message,
        data: { is_panic: !!panic, message: panic ?? e.message, meta: e.meta ?? null, error_code: e.code ?? null },
      },
    });
  }
}
process.exit(0);
