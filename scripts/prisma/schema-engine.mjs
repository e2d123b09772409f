#!/usr/bin/env node
/**
 * Stands in for Prisma's schema engine where that cannot be downloaded (no way out to binaries.prisma.sh). It speaks the engine's JSON-RPC
 * on standard input and output, and runs the same engine compiled to WebAssembly (@prisma/schema-engine-wasm) over pg.
 *
 *   PRISMA_SCHEMA_ENGINE_BINARY=$PWD/scripts/prisma/schema-engine.mjs npx prisma migrate dev
 *
 * scripts/parts/schema-engine.ts decides when it is used.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { CatalogAdapterFactory } from './catalog-adapter.mjs';
import { runDatabaseCommand } from './database-command.mjs';

const argv = process.argv.slice(2);

/** The value that follows `name` among the arguments. */
function option(name) {
  const index = argv.indexOf(name);
  return index < 0 ? undefined : argv[index + 1];
}

/** The engine reports a panic through a global before it stops; without that global it stops with no word. */
let panic;
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message(message) {
    panic = message;
  },
};

function loadWasm() {
  const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const module = new WebAssembly.Module(readFileSync(path.join(folder, 'schema_engine_bg.wasm')));
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
}

/** The schema comes by `--datamodels`, or with the first request that has one. */
function datamodels(params) {
  const files = option('--datamodels')
    ?.split(',')
    .map((file) => [file, readFileSync(file, 'utf8')]);
  const sent = params?.schema?.files ?? params?.to?.files ?? params?.from?.files;
  return files ?? sent?.map(({ path: file, content }) => [file, content]);
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function describeError(error) {
  const message = panic ?? error.message;
  return {
    code: 4466,
    message,
    data: { is_panic: panic !== undefined, message, meta: error.meta ?? null, error_code: error.code ?? null },
  };
}

async function serve(databaseUrl) {
  loadWasm();
  let engine;
  // Prisma numbers its own requests from 1.
  let nextId = 1_000_000;
  for await (const line of createInterface({ input: process.stdin })) {
    if (!line.trim()) continue;
    const request = JSON.parse(line);
    if (!request.method) continue;
    try {
      engine ??= await bindings.SchemaEngine.new(
        { datamodels: datamodels(request.params) },
        () => undefined,
        bindMigrationAwareSqlAdapterFactory(new CatalogAdapterFactory(databaseUrl)),
      );
      const method = request.method === 'getDatabaseVersion' ? 'version' : request.method;
      const result = await engine[method](request.params);
      // The native engine prints by itself; here the command line has to.
      if (typeof result?.stdout === 'string') send({ id: nextId++, method: 'print', params: { content: result.stdout } });
      send({ id: request.id, result: result ?? null });
    } catch (error) {
      send({ id: request.id, error: describeError(error) });
    }
  }
}

if (argv.includes('--version')) {
  console.log('schema-engine-cli berth-wasm');
} else {
  const databaseUrl = JSON.parse(option('--datasource') ?? '{}').url ?? process.env.DATABASE_URL;
  if (argv.includes('cli')) process.exitCode = await runDatabaseCommand(argv[argv.indexOf('cli') + 1], databaseUrl);
  else await serve(databaseUrl);
  // Connections of the engine's pools would hold the process.
  process.exit();
}
