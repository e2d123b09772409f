/** A search finds what looking at every line of the whole log finds, whatever the log is like and however it is stored. */
import type { LogMatches } from '@berth/shared/http/logs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileMatcher } from '../../apps/api/src/logs/line-matcher.ts';
import { LineWalk } from '../../apps/api/src/logs/line-walk.ts';
import { LogLines } from '../../apps/api/src/logs/log-lines.ts';
import { LogSearch } from '../../apps/api/src/logs/log-search.ts';
import { ScanThreads } from '../../apps/api/src/logs/scan-threads.ts';
import { SearchTurns } from '../../apps/api/src/logs/search-turns.ts';
import { Database } from '../../apps/api/src/persistence/database.ts';
import { LogRepository } from '../../apps/api/src/persistence/log-repository.ts';
import { SegmentReader } from '../../apps/api/src/persistence/segment-reader.ts';
import { SegmentRepository } from '../../apps/api/src/persistence/segment-repository.ts';
import { freshDatabase } from '../support/postgres.ts';
import { appendPieces, insertRun, packLog, type StoredLog, type WrittenPiece } from '../support/stored-log.ts';

const WORKSPACE = 'ws_walk';
let database: Database;
let segments: SegmentRepository;
let logs: LogRepository;
let threads: ScanThreads;
let search: LogSearch;
let runs = 0;

beforeAll(async () => {
  database = new Database({ url: await freshDatabase(), poolSize: 4 });
  segments = new SegmentRepository(database);
  logs = new LogRepository(database, segments);
  threads = new ScanThreads();
  search = new LogSearch(new LineWalk(logs, new SegmentReader(database), threads), new SearchTurns());
});
afterAll(async () => {
  threads?.onModuleDestroy();
  await database?.onApplicationShutdown();
});

interface Query {
  q: string;
  regex: boolean;
  ignoreCase: boolean;
  stream?: 'stdout' | 'stderr';
}

/** Line by line, from the beginning to the end. */
async function everyLine(runId: string, { q: text, regex, ignoreCase, stream }: Query): Promise<LogMatches['items']> {
  const matches = compileMatcher({ text, regex, ignoreCase, field: 'q' });
  const lines = new LogLines();
  const found = [];
  for (let position = 0; ; ) {
    const page = await logs.read(WORKSPACE, runId, position, 1024 * 1024, stream);
    for (const chunk of page.chunks) found.push(...lines.take(chunk));
    if (page.next <= position) break;
    position = page.next;
  }
  return [...found, ...lines.finish()]
    .filter(({ data }) => matches(data))
    .map(({ position, attempt, stream: of, at, data }) => ({
      position,
      attempt,
      stream: of,
      at,
      text: data.toString('utf8').slice(0, 400),
    }));
}

/** `between` is done between two calls. */
async function found(runId: string, query: Query, limit: number, between: () => Promise<void> = async () => undefined) {
  const items: LogMatches['items'] = [];
  for (let cursor: string | undefined; ; ) {
    const answer = await search.search(WORKSPACE, runId, { ...query, limit, cursor });
    items.push(...answer.items);
    if (answer.next === null) return items;
    expect(answer.next).not.toBe(cursor);
    cursor = answer.next;
    await between();
  }
}

async function stored(pieces: readonly WrittenPiece[]): Promise<StoredLog> {
  const log = await insertRun(database, WORKSPACE, `run_walk${++runs}`);
  await appendPieces(database, log, pieces);
  return log;
}

const ends = (pieces: readonly WrittenPiece[]): number[] => {
  let end = 0;
  return pieces.map(({ data, dropped }) => {
    end += data.length + dropped;
    return end;
  });
};

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', 'n', 'e', 'd', ' ', '\n'), maxLength: 12 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'nee',
      'dle',
      'needle',
      'NEEDLE\n',
      'nee\ndle',
      '\n',
      'needle 7\n',
      'Ärger',
      'ärger\n',
      '\u212Aey',
      'ſo',
      'so\n',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('\u0130d', 'key\n', 'id 12\n', '😀') },
);
const piece = fc.record({
  attempt: fc.constantFrom(1, 1, 1, 2),
  stream: fc.constantFrom('stdout' as const, 'stdout' as const, 'stderr' as const),
  data: fc.oneof(
    { weight: 12, arbitrary: text.filter((written) => written !== '').map((written) => new Uint8Array(Buffer.from(written))) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => new Uint8Array(bytes)) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(0)) },
  ),
});
const pieces = fc
  .array(piece, { minLength: 1, maxLength: 40 })
  .map((list) => list.map((written): WrittenPiece => ({ ...written, dropped: written.data.length === 0 ? 5 : 0 })));
const queries: fc.Arbitrary<Query> = fc
  .record({
    what: fc.oneof(
      fc.constantFrom('needle', 'nee', 'n', 'dle', 'Needle', 'ä', 'Ärger', 'key', 'so', 'id', 'zzz').map((q) => ({ q, regex: false })),
      fc
        .constantFrom(
          'needle',
          'ne+dle',
          '^needle',
          'dle$',
          'nee|dle',
          '[0-9]',
          '(nee)?dle',
          'n.*e',
          '^$',
          '\\bneedle\\b',
          'so',
          'key',
          '\\Anee',
          'x{0}b',
        )
        .map((q) => ({ q, regex: true })),
    ),
    ignoreCase: fc.boolean(),
    stream: fc.constantFrom(undefined, undefined, 'stdout' as const, 'stderr' as const),
  })
  .map(({ what, ...rest }) => ({ ...what, ...rest }));

test('whatever is written, however it is packed, with and without what is kept beside it, in calls of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      pieces,
      fc.array(fc.nat(1000), { maxLength: 8 }),
      fc.array(fc.nat(1000), { maxLength: 2 }),
      fc.option(fc.nat(1000), { freq: 4 }),
      fc.array(queries, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(1, 2, 1000),
      async (written, cuts, old, removed, asked, limit) => {
        const log = await stored(written);
        const places = ends(written);
        const at = (share: number) => places[Math.floor((share / 1001) * places.length)] ?? 0;
        for (const until of cuts.map(at).sort((a, b) => a - b)) await packLog(database, segments, log, until);
        for (const share of old)
          await database.sql.query(
            'UPDATE log_segment SET grams = NULL, open_lines = NULL, open_from = NULL WHERE run_id = $1 AND position <= $2 AND end_position > $2',
            [log.runId, at(share)],
          );
        if (removed !== null) await segments.drop(log.runId, at(removed), 'removed');
        for (const query of asked) expect(await found(log.runId, query, limit)).toEqual(await everyLine(log.runId, query));
      },
    ),
    { numRuns: 100 },
  );
}, 300_000);

test('a line longer than a mebibyte that goes over several packed parts is found wherever the word stands in it, and shown by its beginning', async () => {
  const MEBIBYTE = 1024 * 1024;
  const line = Buffer.from(`{"log":"begin${'x'.repeat(2.6 * MEBIBYTE)}"}`);
  // In the first part, over the place at which a line is cut, and at the end.
  for (const place of [200_000, MEBIBYTE - 3, line.length - 20]) line.write('needle', place);
  const output = Buffer.concat([Buffer.from('before\n'), line, Buffer.from('\nafter needle\n')]);
  const written: WrittenPiece[] = [];
  for (let from = 0; from < output.length; from += 60_000)
    written.push({ attempt: 1, stream: 'stdout', data: new Uint8Array(output.subarray(from, from + 60_000)), dropped: 0 });
  // The other stream goes on in between.
  written.splice(20, 0, { attempt: 1, stream: 'stderr', data: new Uint8Array(Buffer.from('another needle\n')), dropped: 0 });
  const log = await stored(written);
  const query = { q: 'needle', regex: false, ignoreCase: false };
  const before = await found(log.runId, query, 1000);
  const places = ends(written);
  for (const share of [0.3, 0.5, 0.8]) await packLog(database, segments, log, places[Math.floor(share * places.length)] ?? 0);
  await packLog(database, segments, log, log.bytes);
  const { rows } = await database.sql.query<{ parts: number }>('SELECT count(*)::int AS parts FROM log_segment WHERE run_id = $1', [
    log.runId,
  ]);
  expect(rows[0]?.parts).toBeGreaterThan(2);
  for (const limit of [1, 1000]) {
    const items = await found(log.runId, query, limit);
    expect(items).toEqual(before);
    expect(items).toEqual(await everyLine(log.runId, query));
  }
  expect(before.map(({ stream, text }) => [stream, text.slice(0, 14)])).toEqual([
    ['stdout', '{"log":"beginx'],
    ['stderr', 'another needle'],
    ['stdout', 'x'.repeat(14)],
    ['stdout', 'after needle'],
  ]);
  expect(before[0]).toMatchObject({ position: 7, text: line.toString('utf8', 0, 400) });
}, 60_000);
