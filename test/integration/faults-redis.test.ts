/** Redis is a hurry and not the truth: it may be emptied at any moment. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import type { BerthClient, Run } from '../support/client.ts';
import { ended, expectStartedOnce, type FaultStage, hostIs, openFaultStage, reached, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;
let redis: Redis;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine });
  redis = new Redis(stage.berth.redis.url);
});
afterAll(async () => {
  redis?.disconnect();
  await stage?.close();
});

describe('Redis', () => {
  it('emptied while runs wait for a host forgets none of them', async () => {
    await agent.stop();
    await hostIs(client, agent, 'not-ready');
    const runs = await Promise.all(Array.from({ length: 20 }, () => client.createRun(sh('echo once'))));
    const waits = ({ phase, waiting }: Run['status']) => phase === 'queued' && waiting?.reason === 'waiting-for-host';
    for (const run of runs) await reached(client, run, 'waiting for the host', waits);
    await redis.flushall();
    await agent.start();
    for (const run of runs) {
      const over = await ended(client, run);
      expect(over.status).toMatchObject({ phase: 'exited', exitCode: 0 });
      await expectStartedOnce(stage.engine, over);
    }
  });

  it('emptied over and over while runs are created, placed and sent forgets none of them', async () => {
    const runs: Run[] = [];
    let over = false;
    const emptying = (async () => {
      while (!over) await redis.flushall();
    })();
    try {
      for (let i = 0; i < 20; i++) runs.push(await client.createRun(sh('echo once')));
      for (const run of runs) expect((await ended(client, run)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
    } finally {
      over = true;
      await emptying;
    }
    for (const run of runs) await expectStartedOnce(stage.engine, await client.getRun(run.metadata.id));
  });
});
