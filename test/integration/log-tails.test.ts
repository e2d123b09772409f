/** What an agent needs to go on with the output of a container that it did not listen to: the end of what is stored, and a word for what is lost. */
import { logMatchesSchema } from '@berth/shared/http/logs';
import { TAIL_BYTES } from '@berth/shared/protocol/agent';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, logReport, ProtocolAgent, phaseReport } from './protocol-agent.ts';

const AT = '2026-11-26T12:00:00.000Z';
const WHY = 'nobody listened, and the record was rotated: how much is missing is not known';

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

async function running(): Promise<{ id: string; attempt: string }> {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  const attempt = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attempt, 'running')] });
  return { id: metadata.id, attempt };
}

const packed = (id: string) =>
  eventually('its log to be packed', async () => {
    const { rows } = await sql.query('SELECT count(*) AS n FROM log_chunk WHERE run_id = $1', [id]);
    return Number(rows[0].n) === 0;
  });

test('the end of each stream is told with where it is and when it was written, up to the last gap in it', async () => {
  const { attempt } = await running();
  expect(await agent.tails(attempt)).toEqual([]);
  await agent.report({ logs: [logReport(attempt, 0, 'first\n', { at: AT }), logReport(attempt, 0, 'e\n', { stream: 'stderr', at: AT })] });
  const stderr = { stream: 'stderr', offset: 2, at: AT, text: 'e\n' };
  expect(await agent.tails(attempt)).toEqual([{ stream: 'stdout', offset: 6, at: AT, text: 'first\n' }, stderr]);
  const later = '2026-11-26T12:00:01.000Z';
  await agent.report({ logs: [logReport(attempt, 6, '', { at: later, dropped: 10, droppedReason: WHY })] });
  expect(await agent.tails(attempt)).toEqual([{ stream: 'stdout', offset: 16, at: later, text: '' }, stderr]);
  await agent.report({ logs: [logReport(attempt, 16, 'second\n', { at: later })] });
  expect(await agent.tails(attempt)).toEqual([{ stream: 'stdout', offset: 23, at: later, text: 'second\n' }, stderr]);
});

test('of a long log the end is told, also of a stream that has been silent since', async () => {
  const { attempt } = await running();
  await agent.report({ logs: [logReport(attempt, 0, 'long ago\n', { stream: 'stderr', at: AT })] });
  const line = `${'x'.repeat(99)}\n`;
  const megabyte = line.repeat(10_000);
  for (let part = 0; part < 3; part++) await agent.report({ logs: [logReport(attempt, part * megabyte.length, megabyte, { at: AT })] });
  const [stdout, stderr] = await agent.tails(attempt);
  expect(stdout).toEqual({ stream: 'stdout', offset: 3_000_000, at: AT, text: megabyte.slice(-TAIL_BYTES) });
  expect(stderr).toEqual({ stream: 'stderr', offset: 9, at: AT, text: 'long ago\n' });
});

test('another host is told nothing of it', async () => {
  const { attempt } = await running();
  await agent.report({ logs: [logReport(attempt, 0, 'a secret\n')] });
  const tenant = await berth.tenant('curious');
  const other = new ProtocolAgent(await enrolHost(tenant, 'bare-2'));
  try {
    await eventually('the agent to have the whole set', () => other.said('assign').length > 0);
    expect(await other.tails(attempt)).toEqual([]);
  } finally {
    other.close();
  }
});

test('a gap of unknown size is said to be one wherever it is read, before and after it is packed', async () => {
  const { id, attempt } = await running();
  const gap = { dropped: 1, droppedReason: WHY, droppedAtLeast: true, at: AT };
  const filler = `${'y'.repeat(99)}\n`.repeat(1000);
  const before = 'before\n';
  await agent.report({ logs: [logReport(attempt, 0, before, { at: AT }), logReport(attempt, 7, '', gap)] });
  // What is known already is not taken twice.
  await agent.report({ logs: [logReport(attempt, 7, '', gap), logReport(attempt, 8, `after\n${filler}`, { at: AT })] });
  await agent.report({ phases: [exited(attempt)] });
  const read = async () => ({
    text: await client.logs(id),
    pieces: (await client.send('GET', `${client.base}/runs/${id}/logs?limit=10`, undefined, { accept: 'application/x-ndjson' })).text,
    behind: await client.send('GET', `${client.base}/runs/${id}/logs?after=8&limit=1`).then(({ text }) => text.slice(0, 6)),
    found: (await client.send('GET', `${client.base}/runs/${id}/logs?search=after`)).text,
    matches: logMatchesSchema.parse(JSON.parse((await client.send('GET', `${client.base}/runs/${id}/logs/search?q=after`)).text)).items,
  });
  const told = await read();
  expect(told.text).toBe(`before\n\n[berth: output of stdout may be missing here: ${WHY}]\nafter\n${filler}`);
  expect(
    told.pieces
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { position: 0, next: 7, dropped: 0 },
    { position: 7, next: 8, dropped: 1, droppedReason: WHY, droppedAtLeast: true },
    { position: 8, dropped: 0 },
  ]);
  expect(told.behind).toBe('after\n');
  expect(told.found).toContain(`[berth: output of stdout may be missing here: ${WHY}]`);
  expect(told.matches).toMatchObject([{ position: 8, text: 'after' }]);
  await packed(id);
  expect(await read()).toEqual(told);
});
