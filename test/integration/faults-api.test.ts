/** An api that dies in the worst moments, and several of it: no container starts twice, and no byte is lost or doubled. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BerthClient, createClient } from '../support/client.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { atRequest, counting, ended, expectAllCounted, expectStartedOnce, hostIs, printed, running, sh } from './fault-stage.ts';
import { MOMENTS, openRecoveryStage, type RecoveryStage } from './recovery-stage.ts';

let stage: RecoveryStage;
let client: BerthClient;

beforeAll(async () => {
  stage = await openRecoveryStage();
  client = stage.client;
});
afterAll(() => stage?.close());

const restartApi = async () => {
  await stage.berth.api.kill();
  await stage.berth.api.start();
};

describe('an api killed with -9', () => {
  it('while it answers keeps what it promised, and what it did not is made once by the same Idempotency-Key', async () => {
    const keys = Array.from({ length: 20 }, () => randomUUID());
    const create = (idempotencyKey: string) => client.createRun(sh('echo once'), { idempotencyKey, labels: { burst: 'true' } });
    const first = keys.map((key) => create(key).catch(() => null));
    await Promise.any(first);
    await restartApi();
    const answered = await Promise.all(first);
    const runs = await Promise.all(keys.map(create));
    for (const [index, run] of answered.entries()) if (run) expect(runs[index]?.metadata.id).toBe(run.metadata.id);
    for (const run of runs) {
      const over = await ended(client, run);
      expect(over.status).toMatchObject({ phase: 'exited', exitCode: 0 });
      await expectStartedOnce(stage.engine, over);
    }
    expect((await client.listRuns('?label=burst&limit=200')).items).toHaveLength(keys.length);
  });

  it('in the middle of a pull sees its end, and the run runs once', async () => {
    const run = await stage.pulling('api', 5);
    await stage.berth.api.kill();
    stage.slow.open();
    await stage.berth.api.start();
    await stage.expectWhole(run, 5);
  });

  it.each(MOMENTS)('%s the engine does %s has the whole run in the end, once', async (when, request) => {
    const killed = atRequest(stage.proxy, new RegExp(`/${request}$`), when, () => stage.berth.api.kill());
    const run = await client.createRun(counting(5));
    await killed;
    await stage.berth.api.start();
    await stage.expectWhole(run, 5);
  });

  it('again and again in the middle of the output has every byte once', async () => {
    const run = await client.createRun(counting(40));
    for (const line of [3, 18]) {
      await printed(client, run, `out ${line}\n`);
      await restartApi();
    }
    await stage.expectWhole(run, 40);
  });

  it('over and over while many runs come up together, wherever each of them is, keeps all of them whole', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, () => client.createRun(counting(5))));
    for (let time = 0; time < 3; time++) await restartApi();
    for (const run of runs) await stage.expectWhole(run, 5);
  });

  it('while a run stops remembers that, and how it ended meanwhile', async () => {
    const script = 'trap "sleep 0.5; echo bye; exit 6" TERM; echo ready; while :; do sleep 0.05; done';
    const run = await client.createRun(sh(script, { stopGracePeriodSeconds: 60 }));
    await printed(client, run, 'ready');
    await client.stopRun(run.metadata.id);
    await restartApi();
    expect((await ended(client, run)).status).toMatchObject({ phase: 'exited', reason: 'stopped', exitCode: 6 });
    expect(await client.logs(run.metadata.id)).toBe('ready\nbye\n');
  });
});

describe('two replicas of the api', () => {
  let second: Replica;
  beforeAll(async () => {
    second = await startReplica(stage.berth);
  });
  afterAll(async () => {
    await second?.process.stop();
  });

  it('serve one run: created at one, sent by the other to its agent, followed and stopped at either', async () => {
    await stage.agent.stop();
    // Until that is noticed, the run could be given to it, and would wait for its return.
    await hostIs(client, stage.agent, 'not-ready');
    const far = await stage.berth.startAgent({ engine: stage.engine, url: second.url, name: 'at-the-second' });
    const there = createClient({ ...client.account, url: second.url });
    const run = await client.createRun(counting(10));
    await Promise.all([printed(client, run, 'out 5\n'), printed(there, run, 'out 5\n')]);
    await stage.expectWhole(run, 10);
    await expectAllCounted(there, run, 10);
    const long = await running(there, await client.createRun(sh('sleep 600')));
    expect(long.status.hostName).toBe('at-the-second');
    await client.stopRun(long.metadata.id);
    expect((await ended(there, long)).status).toMatchObject({ phase: 'exited', reason: 'stopped' });
    await far.stop();
  });
});
