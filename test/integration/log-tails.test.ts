/** What an agent needs to go on with the output of a container that it did not listen to: the end of what is stored, and a word for what is lost. */
import { TAIL_BYTES } from '@berth/shared/protocol/agent';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, logReport, ProtocolAgent, phaseReport } from './protocol-agent.ts';

const AT = '2026-11-26T12:00:00.000Z';
const WHY = 'nobody listened, and the record was rotated: how much is missing is not known';

let berth: Berth;
let client: BerthClient;
let agent: ProtocolAgent;

beforeAll(async () => {
  berth = await startBerth();
  ({ client } = berth);
  agent = new ProtocolAgent(await enrolHost(client, 'bare'));
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
});
afterAll(async () => {
  agent?.close();
  await berth?.stop();
});

async function running(): Promise<{ id: string; attempt: string }> {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  const attempt = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attempt, 'running')] });
  return { id: metadata.id, attempt };
}

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
