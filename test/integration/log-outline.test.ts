/** The outline of a log: what it says of places and lines is what its bytes hold, however they are stored, and reading between two places is exact. */
import type { LogStream } from '@berth/shared/events/console-socket';
import { type LogOutline, logOutlineSchema } from '@berth/shared/http/logs';
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

const outline = async (id: string): Promise<LogOutline> =>
  logOutlineSchema.parse(JSON.parse((await client.send('GET', `${client.base}/runs/${id}/logs/outline`)).text));

const between = async (id: string, after: number, before: number, stream: LogStream): Promise<string> =>
  (await client.send('GET', `${client.base}/runs/${id}/logs?after=${after}&before=${before}&stream=${stream}`)).text;

const newlines = (text: string): number => text.split('\n').length - 1;

const START = Date.parse('2026-11-01T00:00:00.000Z');

/** Reports output of an attempt a piece at a time, a minute apart. */
class Writer {
  private readonly offsets = { stdout: 0, stderr: 0 };
  private pieces = 0;

  constructor(private readonly attemptId: string) {}

  async write(stream: LogStream, text: string, dropped = 0): Promise<void> {
    const data = new Uint8Array(Buffer.from(text));
    const at = new Date(START + this.pieces++ * 60_000).toISOString();
    const droppedReason = dropped > 0 ? 'the engine rotated its log' : null;
    await agent.report({ logs: [{ attemptId: this.attemptId, stream, offset: this.offsets[stream], at, dropped, droppedReason, data }] });
    this.offsets[stream] += dropped > 0 ? dropped : data.length;
  }
}

async function running(): Promise<{ id: string; attempt: string }> {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  const attempt = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attempt, 'running')] });
  return { id: metadata.id, attempt };
}

/** Holds every part against the bytes that are read between its place and the next one. */
async function agrees(id: string, { parts, bytes }: LogOutline): Promise<void> {
  for (const [index, { position, stdout, stderr }] of parts.entries()) {
    const end = parts[index + 1]?.position ?? bytes;
    // What is missing is told in lines of its own, which the container has not written.
    const written = async (stream: LogStream) => newlines((await between(id, position, end, stream)).replace(/\n\[berth: .*\]\n/g, ''));
    expect({ position, stdout, stderr }).toEqual({ position, stdout: await written('stdout'), stderr: await written('stderr') });
  }
}

test('an outline counts the lines of each stream in every part, before and after the log is packed', async () => {
  const { id, attempt } = await running();
  expect(await outline(id)).toEqual({ parts: [], step: 256 * 1024, bytes: 0, complete: false });
  const writer = new Writer(attempt);
  for (let part = 0; part < 40; part++) {
    await writer.write('stdout', Array.from({ length: 1000 }, (_, line) => `stdout ${part} ${line} ${'x'.repeat(line % 60)}\n`).join(''));
    await writer.write('stderr', `stderr ${part} begins`);
    if (part === 20) await writer.write('stdout', '', 5_000_000);
    await writer.write('stdout', '\n\n\nshort\n'.repeat(50));
    await writer.write('stderr', ' and ends\n');
  }
  await agent.report({ phases: [exited(attempt)] });
  const fresh = await outline(id);
  expect(fresh.complete).toBe(true);
  expect(fresh.bytes).toBe((await client.getRun(id)).status.logBytes);
  expect(fresh.parts[0]?.position).toBe(0);
  expect(fresh.parts.length).toBeGreaterThan(5);
  expect(fresh.parts.reduce((sum, { stderr }) => sum + (stderr ?? Number.NaN), 0)).toBe(40);
  expect(fresh.parts.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(5_000_000);
  await agrees(id, fresh);

  const chunks = async () => Number((await sql.query('SELECT count(*) AS n FROM log_chunk WHERE run_id = $1', [id])).rows[0].n);
  await eventually('its log to be packed', async () => (await chunks()) === 0);
  const packed = await outline(id);
  expect(packed.parts.length).toBeGreaterThan(1);
  expect(packed.parts.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(5_000_000);
  await agrees(id, packed);
  const times = packed.parts.map(({ lastAt }) => lastAt);
  expect(times).toEqual([...times].sort());
});

test('a part that was stored before lines were counted says that it was not counted', async () => {
  const { id, attempt } = await running();
  const writer = new Writer(attempt);
  for (let part = 0; part < 3; part++) await writer.write('stdout', `${'x'.repeat(99)}\n`.repeat(2700));
  await sql.query('UPDATE log_chunk SET lines = NULL WHERE run_id = $1 AND position = 0', [id]);
  const { parts } = await outline(id);
  expect(parts.map(({ stdout, stderr }) => [stdout, stderr])).toEqual([
    [null, 0],
    [2700, 0],
    [2700, 0],
  ]);
});

test('what is read between two places is cut there to the byte, in the middle of a gap too', async () => {
  const { id, attempt } = await running();
  const writer = new Writer(attempt);
  await writer.write('stdout', '0123456789');
  await writer.write('stdout', '', 1000);
  await writer.write('stdout', 'abcdef');
  expect(await between(id, 3, 7, 'stdout')).toBe('3456');
  expect(await between(id, 500, 600, 'stdout')).toContain('100 bytes of stdout are missing here');
  expect(await between(id, 1008, 1012, 'stdout')).toContain('2 bytes of stdout are missing here');
  expect(await between(id, 1008, 1012, 'stdout')).toMatch(/\nab$/);
  const refused = await client.send('GET', `${client.base}/runs/${id}/logs?follow=true&before=5`);
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('before')]);
});
