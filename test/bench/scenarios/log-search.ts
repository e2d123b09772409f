/** (h) The first hit of a search in a log of 1 GB where the only one is at its end, against `grep` over the same bytes in a plain file. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { logMatchesSchema } from '@berth/shared/http/logs';
// As built: Node runs the bench from its sources, and does not take decorators there.
import { Database } from '../../../apps/api/build/persistence/database.js';
import { SegmentRepository } from '../../../apps/api/build/persistence/segment-repository.js';
import { appendPieces, insertRun, packLog, type StoredLog, type WrittenPiece } from '../../support/stored-log.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { elapsedMs, type Figure, median } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const GREP = promisify(execFile);
const MEGABYTE = 1_000_000;
const PIECE_BYTES = 64 * 1024;
const PIECES_AT_ONCE = 64;
const BOUND_MS = 1000;

/** What is in the last line alone. */
const WORD = 'SegmentationFault';
const ID = randomBytes(8).toString('hex');

interface Search {
  name: string;
  query: Record<string, string>;
  grep: string[];
  bound: boolean;
}

const SEARCHES: Search[] = [
  { name: 'a word', query: { q: WORD }, grep: ['-F', WORD], bound: true },
  // Its parts are in other ids everywhere: nothing that is kept beside the log helps.
  { name: 'a random id', query: { q: ID }, grep: ['-F', ID], bound: true },
  { name: 'a word in any case', query: { q: WORD.toLowerCase(), ignoreCase: 'true' }, grep: ['-iF', WORD], bound: true },
  {
    name: 'an expression with a literal',
    query: { q: `worker \\d+: ${WORD}`, regex: 'true' },
    grep: ['-E', `worker [0-9]+: ${WORD}`],
    bound: true,
  },
  { name: 'an expression without one', query: { q: '(panic|fatal)$', regex: 'true' }, grep: ['-E', '(panic|fatal)$'], bound: false },
];

export async function logSearch({ berth }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const size = (quick ? 50 : 1000) * MEGABYTE;
  const database = new Database({ url: berth.databaseUrl, poolSize: 2 });
  const file = join(await temporaryFolder('search'), 'plain.log');
  try {
    const log = await store(database, size, file, progress);
    const figures: Figure[] = [];
    for (const search of SEARCHES) {
      const [ours, theirs]: [number[], number[]] = [[], []];
      let calls = 0;
      for (let turn = 0; turn < (quick ? 1 : 3); turn++) {
        ours.push(
          await elapsedMs(async () => {
            calls = await untilFirstHit(berth, log, search.query);
          }),
        );
        theirs.push(await elapsedMs(() => GREP('grep', ['-a', '-m1', ...search.grep, file], { env: { LC_ALL: 'C' } })));
      }
      progress(`${search.name}: ${median(ours).toFixed(0)} ms, grep ${median(theirs).toFixed(0)} ms`);
      figures.push({
        scenario: 'h',
        name: `first hit of ${search.name} in ${size / MEGABYTE} MB`,
        value: median(ours),
        unit: 'ms',
        baseline: { name: 'grep -m1 of a plain file', value: median(theirs) },
        bound: search.bound ? { of: 'value', kind: 'at-most', limit: BOUND_MS } : null,
        details: { samples: ours.length, calls, min: Math.min(...ours), max: Math.max(...ours) },
      });
    }
    return figures;
  } finally {
    await database.onApplicationShutdown();
    await rm(file, { force: true });
  }
}

/** As the console does: call by call, until one has found something. */
async function untilFirstHit({ client }: BenchStage['berth'], { runId }: StoredLog, query: Record<string, string>): Promise<number> {
  let cursor: string | undefined;
  for (let calls = 1; ; calls++) {
    const asked = new URLSearchParams({ ...query, limit: '1', ...(cursor ? { cursor } : {}) });
    const { text, status } = await client.send('GET', `${client.base}/runs/${runId}/logs/search?${asked}`);
    if (status !== 200) throw new Error(`${status}: ${text}`);
    const { items, next } = logMatchesSchema.parse(JSON.parse(text));
    if (items.length > 0) return calls;
    if (next === null) throw new Error('it was not found');
    cursor = next;
  }
}

/** Through the statements of ingest and what packs logs; a container would take minutes to write it. */
async function store(database: Database, size: number, file: string, progress: (line: string) => void): Promise<StoredLog> {
  const { rows } = await database.sql.query<{ id: string }>('SELECT id FROM workspace ORDER BY created_at LIMIT 1');
  const log = await insertRun(database, rows[0]?.id ?? '', 'run_searched');
  const segments = new SegmentRepository(database);
  const plain = createWriteStream(file);
  const lines = accessLog();
  let told = 0;
  while (log.bytes < size) {
    const pieces: WrittenPiece[] = [];
    for (let piece = 0; piece < PIECES_AT_ONCE; piece++) {
      const data = Buffer.from(lines(PIECE_BYTES));
      pieces.push({ attempt: 1, stream: 'stdout', data, dropped: 0 });
      plain.write(data);
    }
    if (log.bytes + PIECE_BYTES * PIECES_AT_ONCE >= size) {
      const data = Buffer.from(`2026-11-26T03:00:00.000Z worker 17: ${WORD} while it answered ${ID}: panic\n`);
      pieces.push({ attempt: 1, stream: 'stdout', data, dropped: 0 });
      plain.write(data);
    }
    await appendPieces(database, log, pieces);
    await packLog(database, segments, log, log.bytes);
    if (log.bytes < told + size / 4) continue;
    told = log.bytes;
    progress(`stored ${Math.round(told / MEGABYTE)} MB`);
  }
  plain.end();
  await finished(plain);
  const packed = await database.sql.query<{ bytes: number }>(
    'SELECT sum(stored_bytes)::bigint AS bytes FROM log_segment WHERE run_id = $1',
    [log.runId],
  );
  progress(`${Math.round(log.bytes / MEGABYTE)} MB take ${Math.round((packed.rows[0]?.bytes ?? 0) / MEGABYTE)} MB packed`);
  return log;
}

/** Lines of a web server, each with a random id; the same every time but for nothing that matters. */
function accessLog(): (bytes: number) => string {
  let [seed, line, rest] = [1, 0, ''];
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed;
  };
  const hex = () => random().toString(16).padStart(8, '0');
  return (bytes) => {
    let text = rest;
    while (text.length < bytes) {
      const at = new Date(1_764_000_000_000 + line++ * 7).toISOString();
      text += `${at} INFO  GET /api/v1/orders/${hex()}${hex()} ${line % 19 === 0 ? 404 : 200} ${random() % 977}ms user=${random() % 5000} agent="Mozilla/5.0 (X11; Linux x86_64)"\n`;
    }
    rest = text.slice(bytes);
    return text.slice(0, bytes);
  };
}
