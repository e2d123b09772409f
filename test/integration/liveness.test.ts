/** A host falls silent in the moment in which one of its runs ends: the run that is over waits for nothing. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, ProtocolAgent, phaseReport } from './protocol-agent.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth({ env: { HEARTBEAT_SECONDS: '0.5' } });
});
afterAll(() => berth?.stop());

it('whichever of the two is written first', async () => {
  const { client } = berth;
  const host = await enrolHost(client, 'silent');
  const agent = new ProtocolAgent(host);
  const run = await client.createRun({ image: 'hello-world' });
  const attemptId = await agent.attemptOf(run.metadata.id);
  await agent.report({ phases: [phaseReport(attemptId, 'running')] });
  const ending = new pg.Client({ connectionString: berth.databaseUrl });
  await ending.connect();
  try {
    // As the report of its end is stored, and not yet committed.
    await ending.query('BEGIN');
    await ending.query("UPDATE run SET phase = 'exited', reason = 'completed', waiting = NULL WHERE id = $1", [run.metadata.id]);
    await ending.query("UPDATE attempt SET phase = 'exited', reason = 'completed', released = true WHERE id = $1", [attemptId]);
    agent.close();
    await eventually('the judgement to wait for it', async () => {
      const { rows } = await ending.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()");
      return rows.length > 0;
    });
    await ending.query('COMMIT');
  } finally {
    await ending.end();
  }
  await eventually('the host to be not ready', async () => (await client.getHost(host.hostId)).status.state === 'not-ready');
  expect((await client.getRun(run.metadata.id)).status).toMatchObject({ phase: 'exited', waiting: null });
});
