/** Logs as they get older: packed without a byte's difference, and removed with a word about it. */
import { type LogMatches, logMatchesSchema } from '@berth/shared/http/logs';
import { LOG_RETENTION, settingsSchema } from '@berth/shared/http/settings';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, ProtocolAgent, phaseReport } from './protocol-agent.ts';

let berth: Berth;
let client: BerthClient;
let agent: ProtocolAgent;
let sql: Client;

beforeAll(async () => {
  berth = await startBerth();
  ({ client } = berth);
  agent = new ProtocolAgent(await enrolHost(client, 'bare'));
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
  sql = new Client({ connectionString: berth.env.DATABASE_URL });
  await sql.connect();
});
afterAll(async () => {
  await sql?.end();
  agent?.close();
  await berth?.stop();
});

const count = async (table: string, id: string): Promise<number> =>
  Number((await sql.query(`SELECT count(*) AS n FROM ${table} WHERE run_id = $1`, [id])).rows[0].n);
const packed = (id: string) => eventually('its log to be packed', async () => (await count('log_chunk', id)) === 0);

/** All that a search finds, call by call. */
async function found(id: string, query: string): Promise<LogMatches['items']> {
  const items: LogMatches['items'] = [];
  for (let cursor = ''; ; ) {
    const answer = logMatchesSchema.parse(
      JSON.parse((await client.send('GET', `${client.base}/runs/${id}/logs/search?${query}${cursor}`)).text),
    );
    items.push(...answer.items);
    if (answer.next === null) return items;
    cursor = `&cursor=${answer.next}`;
  }
}

/** A run with 3 MB of output, both streams mixed, in pieces of odd sizes; at its end. */
async function longRun(of = client, through = agent): Promise<{ id: string; stdout: string; stderr: string }> {
  const { metadata } = await of.createRun({ image: 'hello-world' });
  const attempt = await through.attemptOf(metadata.id);
  await through.report({ phases: [phaseReport(attempt, 'running')] });
  const offsets = { stdout: 0, stderr: 0 };
  const written = { stdout: '', stderr: '' };
  for (let part = 0; part < 60; part++) {
    const logs = (['stdout', 'stderr'] as const).map((stream) => {
      const text = Array.from(
        { length: stream === 'stdout' ? 1000 : 100 },
        (_, line) => `${stream} ${part} ${line} ${'x'.repeat(line % 60)}\n`,
      ).join('');
      const at = new Date(Date.parse('2026-11-01T00:00:00.000Z') + part * 60_000).toISOString();
      const report = {
        attemptId: attempt,
        stream,
        offset: offsets[stream],
        at,
        dropped: 0,
        droppedReason: null,
        data: new Uint8Array(Buffer.from(text)),
      };
      offsets[stream] += text.length;
      written[stream] += text;
      return report;
    });
    await through.report({ logs });
  }
  await through.report({ phases: [exited(attempt)] });
  return { id: metadata.id, ...written };
}

test('a packed log reads as it did: all of it, a stream, its end, a time, what is found in it, from any place', async () => {
  const { id, stdout, stderr } = await longRun();
  const read = async () => ({
    all: await client.logs(id),
    tail: (await client.send('GET', `${client.base}/runs/${id}/logs?tail=2500`)).text,
    since: (await client.send('GET', `${client.base}/runs/${id}/logs?since=2026-11-01T00:30:00Z&until=2026-11-01T00:32:00Z`)).text,
    middle: (await client.send('GET', `${client.base}/runs/${id}/logs?after=1234567&limit=100000`)).text,
    many: await found(id, 'q=%20999%20&limit=1000'),
    found: await found(id, 'q=stderr%2041%2099'),
    foundIgnoringCase: await found(id, 'q=STDOUT%2017%20500&ignoreCase=true'),
    foundByExpression: await found(id, `regex=true&q=${encodeURIComponent('^std(out|err) 59 9+ ')}`),
    // In every segment, in calls of a few.
    foundInParts: await found(id, 'q=%2077%20&limit=7'),
    foundInOne: await found(id, 'q=%2077%20&limit=7&stream=stderr'),
    lines: (await client.send('GET', `${client.base}/runs/${id}/logs?search=%2077%20&timestamps=true`)).text,
    linesBehind: (
      await client.send('GET', `${client.base}/runs/${id}/logs?search=%2077%20&after=1234567`, undefined, {
        accept: 'application/x-ndjson',
      })
    ).text,
    pieces: (await client.send('GET', `${client.base}/runs/${id}/logs?after=2000000`, undefined, { accept: 'application/x-ndjson' })).text,
  });
  const before = await read();
  expect(before.lines.trimEnd().split('\n')).toHaveLength(120);
  expect([before.found.length, before.foundByExpression.length, before.foundInParts.length]).toEqual([1, 5, 120]);
  await packed(id);
  expect(await count('log_segment', id)).toBeGreaterThan(1);
  expect(await read()).toEqual(before);
  expect((await client.logBytes(id, 'stdout')).toString()).toBe(stdout);
  expect((await client.logBytes(id, 'stderr')).toString()).toBe(stderr);
  const { rows } = await sql.query('SELECT sum(stored_bytes) AS bytes FROM log_segment WHERE run_id = $1', [id]);
  expect(Number(rows[0].bytes)).toBeLessThan((stdout.length + stderr.length) / 5);
});

test('what a run writes is stored while a part of its log is being packed, however long that takes', async () => {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  const attempt = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attempt, 'running')] });
  const lines = `${'x'.repeat(99)}\n`.repeat(1000);
  const write = (part: number) =>
    agent.report({
      logs: [
        {
          attemptId: attempt,
          stream: 'stdout',
          offset: part * lines.length,
          at: '2026-11-01T00:00:00.000Z',
          dropped: 0,
          droppedReason: null,
          data: new Uint8Array(Buffer.from(lines)),
        },
      ],
    });
  // Packing comes to a stop where it stores the packed part.
  await sql.query('BEGIN; LOCK TABLE log_segment IN SHARE MODE');
  const other = new Client({ connectionString: berth.env.DATABASE_URL });
  await other.connect();
  try {
    for (let part = 0; part < 25; part++) await write(part);
    await eventually('its log to be packed', async () => {
      const { rows } = await other.query(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO log_segment%' AND datname = current_database()",
      );
      return Number(rows[0].n) > 0;
    });
    expect(await write(25)).toMatchObject({ ok: true });
    expect(await count('log_segment', metadata.id)).toBe(0);
  } finally {
    await other.end();
    await sql.query('COMMIT');
  }
  await eventually('a part to be packed', async () => (await count('log_segment', metadata.id)) > 0);
  expect(await client.logs(metadata.id)).toBe(lines.repeat(26));
  await agent.report({ phases: [exited(attempt)] });
});

test('a line is found that goes on far behind where it began, while only the other stream was written', async () => {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  const attempt = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attempt, 'running')] });
  const written = (stream: 'stdout' | 'stderr', offset: number, text: string) =>
    agent.report({
      logs: [
        {
          attemptId: attempt,
          stream,
          offset,
          at: '2026-11-01T00:00:00.000Z',
          dropped: 0,
          droppedReason: null,
          data: new Uint8Array(Buffer.from(text)),
        },
      ],
    });
  await written('stderr', 0, 'building the nee');
  const filler = `${'x'.repeat(99)}\n`.repeat(1000);
  for (let part = 0; part < 45; part++) await written('stdout', part * filler.length, filler);
  await written('stderr', 16, 'dle: done\n');
  await agent.report({ phases: [exited(attempt)] });
  const queries = ['q=needle', 'q=NEEDLE&ignoreCase=true', 'q=the%20nee.%2Bdone%24&regex=true', 'q=done'];
  const all = () => Promise.all(queries.map((query) => found(metadata.id, query)));
  const before = await all();
  for (const items of before) expect(items).toMatchObject([{ position: 0, stream: 'stderr', text: 'building the needle: done' }]);
  await packed(metadata.id);
  expect(await count('log_segment', metadata.id)).toBeGreaterThan(3);
  expect(await all()).toEqual(before);
});

test('what a workspace keeps no longer is removed from the beginning on, and its place says how much was there and why', async () => {
  const tenant = await berth.tenant('forgetful');
  const other = new ProtocolAgent(await enrolHost(tenant, 'bare-2'));
  try {
    await eventually('the agent to have the whole set', () => other.said('assign').length > 0);
    const settings = `${tenant.base}/settings`;
    expect(settingsSchema.parse(JSON.parse((await tenant.send('GET', settings)).text))).toMatchObject({ logs: LOG_RETENTION });
    const wrong = await tenant.send('PATCH', settings, { logs: { maxAgeDays: 0 } });
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('logs.maxAgeDays')]);
    const { id, stdout, stderr } = await longRun(tenant, other);
    // By its host's clock all output is of the first of November; how old it is says when it was stored.
    const young = await longRun(tenant, other);
    const kept = await longRun();
    await Promise.all([packed(id), packed(young.id), packed(kept.id)]);
    await sql.query("UPDATE log_segment SET stored_at = now() - interval '2 days' WHERE run_id = ANY($1)", [[id, kept.id]]);
    expect((await tenant.send('PATCH', settings, { logs: { maxAgeDays: 1 } })).status).toBe(200);
    await eventually('it to be removed', async () => (await count('log_segment', id)) === 1);
    expect(await tenant.logs(id)).toBe(
      `\n[berth: ${stdout.length} bytes of stdout are missing here: removed: the workspace keeps logs for 1 day]\n` +
        `\n[berth: ${stderr.length} bytes of stderr are missing here: removed: the workspace keeps logs for 1 day]\n`,
    );
    expect((await tenant.getRun(id)).status.logBytes).toBe(stdout.length + stderr.length);
    expect((await tenant.logs(young.id)).length).toBe(young.stdout.length + young.stderr.length);
    // Of another workspace nothing is removed.
    expect((await client.logs(kept.id)).length).toBe(kept.stdout.length + kept.stderr.length);
  } finally {
    other.close();
  }
});

test('a host whose clock is an hour wrong, and is set right meanwhile, has its output in the order in which it was written', async () => {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  const attempt = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attempt, 'running')] });
  const now = Date.now();
  const hour = 3_600_000;
  let offset = 0;
  for (const [index, shift] of [hour, hour, -hour, 0].entries()) {
    const data = new Uint8Array(Buffer.from(`line ${index}\n`));
    const at = new Date(now + shift + index).toISOString();
    await agent.report({ logs: [{ attemptId: attempt, stream: 'stdout', offset, at, dropped: 0, droppedReason: null, data }] });
    offset += data.length;
  }
  await agent.report({ phases: [exited(attempt)] });
  expect(await client.logs(metadata.id)).toBe('line 0\nline 1\nline 2\nline 3\n');
  const { text } = await client.send('GET', `${client.base}/runs/${metadata.id}/logs?tail=2`);
  expect(text).toBe('line 2\nline 3\n');
});
