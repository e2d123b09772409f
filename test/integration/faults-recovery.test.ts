/** Parts that die with -9 in the worst moments: no container is started twice, and no byte of output is lost or doubled. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../../scripts/parts/child.ts';
import { freePort } from '../../scripts/parts/free-port.ts';
import { repository } from '../../scripts/parts/paths.ts';
import type { Agent } from '../support/berth.ts';
import { type BerthClient, createClient, type Run } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { pushBusybox } from '../support/images.ts';
import { Link } from '../support/link.ts';
import { type SlowRegistry, startSlowRegistry } from '../support/slow-registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { EngineProxy } from './engine-proxy.ts';
import {
  atRequest,
  counting,
  ended,
  expectAllCounted,
  expectStartedOnce,
  type FaultStage,
  openFaultStage,
  printed,
  reached,
  running,
  sh,
} from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let proxy: EngineProxy;
let link: Link;
let agent: Agent;
let slow: SlowRegistry;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  [proxy, link, slow] = await Promise.all([
    EngineProxy.to(stage.engine.socket, await temporaryFolder('engine-proxy')),
    Link.to(stage.berth.url),
    startSlowRegistry(stage.mirror),
  ]);
  agent = await stage.berth.startAgent({ engine: proxy, url: link.url });
  await ended(client, await client.createRun(sh('true')));
});
afterAll(async () => {
  slow?.open();
  await stage?.close();
  await Promise.all([proxy?.close(), link?.close(), slow?.stop()]);
});
beforeEach(() => {
  proxy.hooks = {};
});

const restartApi = async () => {
  await stage.berth.api.kill();
  await stage.berth.api.start();
};
const restartAgent = async () => {
  await agent.kill();
  await agent.start();
};

/** A run held in the middle of its pull. */
async function held(tag: string): Promise<Run> {
  await pushBusybox(stage.mirror, 'team/held', tag, { layers: [1_000_000] });
  slow.close();
  const run = await client.createRun({ ...counting(5), image: `${slow.server}/team/held:${tag}` });
  return reached(client, run, 'in the middle of a layer', ({ phase }) => phase === 'pulling' && slow.held() > 0);
}

async function expectWhole(run: Run, lines: number): Promise<void> {
  const over = await ended(client, run);
  expect(over.status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0 });
  await expectAllCounted(client, over, lines);
  await expectStartedOnce(stage.engine, over);
}

/** The requests that bring a container up, in their order; `before` the engine has it, and `after` it has done it. */
const MOMENTS = (['create', 'attach', 'start'] as const).flatMap((request) =>
  (['before', 'after'] as const).flatMap((when) => (request === 'attach' && when === 'after' ? [] : [[when, request] as const])),
);

describe('an agent killed with -9', () => {
  it('in the middle of a pull pulls on, and runs it once', async () => {
    const run = await held('agent');
    await restartAgent();
    slow.open();
    await expectWhole(run, 5);
  });

  it.each(MOMENTS)('%s the engine does %s runs it once, from its first byte to its last', async (when, request) => {
    const killed = atRequest(proxy, new RegExp(`/${request}$`), when, () => agent.kill());
    const run = await client.createRun(counting(5));
    await killed;
    await agent.start();
    await expectWhole(run, 5);
  });

  it('again and again in the middle of the output loses nothing', async () => {
    const run = await client.createRun(counting(30));
    for (const line of [3, 12, 21]) {
      await printed(client, run, `out ${line}\n`);
      await restartAgent();
    }
    await expectWhole(run, 30);
  });
});

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
    const run = await held('api');
    await stage.berth.api.kill();
    slow.open();
    await stage.berth.api.start();
    await expectWhole(run, 5);
  });

  it.each(MOMENTS)('%s the engine does %s has the whole run in the end, once', async (when, request) => {
    const killed = atRequest(proxy, new RegExp(`/${request}$`), when, () => stage.berth.api.kill());
    const run = await client.createRun(counting(5));
    await killed;
    await stage.berth.api.start();
    await expectWhole(run, 5);
  });

  it('again and again in the middle of the output has every byte once', async () => {
    const run = await client.createRun(counting(40));
    for (const line of [3, 18]) {
      await printed(client, run, `out ${line}\n`);
      await restartApi();
    }
    await expectWhole(run, 40);
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

describe('Redis', () => {
  let redis: Redis;
  beforeEach(() => {
    redis = new Redis(stage.berth.redis.url);
  });
  afterEach(() => redis.disconnect());

  it('emptied while runs wait for a host forgets none of them', async () => {
    await agent.stop();
    const runs = await Promise.all(Array.from({ length: 20 }, () => client.createRun(sh('echo once'))));
    const waits = ({ waiting }: Run['status']) => waiting?.reason === 'waiting-for-host';
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
    const over = new AbortController();
    const emptying = (async () => {
      while (!over.signal.aborted) await redis.flushall();
    })();
    for (let i = 0; i < 20; i++) runs.push(await client.createRun(sh('echo once')));
    for (const run of runs) {
      const { status } = await ended(client, run);
      expect(status).toMatchObject({ phase: 'exited', exitCode: 0 });
    }
    over.abort();
    await emptying;
    for (const run of runs) await expectStartedOnce(stage.engine, await client.getRun(run.metadata.id));
  });
});

describe('a link between agent and api', () => {
  it('cut again and again in the middle of the output loses nothing and doubles nothing', async () => {
    const run = await client.createRun(counting(30));
    for (const line of [2, 10, 18]) {
      await printed(client, run, `out ${line}\n`);
      link.cut();
      link.mend();
    }
    await expectWhole(run, 30);
  });

  it('cut until the host is given up as not ready, while the run ends, brings its output and its end when it is mended', async () => {
    const run = await client.createRun(counting(20));
    await printed(client, run, 'out 2\n');
    link.cut();
    const { status } = await reached(client, run, 'waiting for its host', ({ waiting }) => waiting?.reason === 'waiting-for-host');
    expect(status.phase).toBe('running');
    expect(status.waiting?.message).toMatch(/^waiting for host .*, last seen .*: the agent is not connected$/);
    link.mend();
    await expectWhole(run, 20);
  });
});

describe('two replicas of the api', () => {
  let second: { url: string; process: Child };
  beforeAll(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const logFile = join(await temporaryFolder('replica'), 'api.log');
    const env = { ...stage.berth.env, PATH: process.env.PATH, PORT: String(port), PUBLIC_URL: url, NODE_ENV: 'production' };
    const child = startChild({ command: process.execPath, args: [join(repository, 'apps/api/dist/main.js')], env, logFile });
    second = { url, process: child };
    await eventually(
      'the second replica to be ready',
      async () => (await fetch(`${url}/readyz`)).ok,
      () => child.tail(40),
      30_000,
      child.ending,
    );
  });
  afterAll(async () => {
    await second?.process.stop();
  });

  it('serve one run: created at one, sent by the other to its agent, followed and stopped at either', async () => {
    await agent.stop();
    // Until that is noticed, the run could be given to it, and would wait for its return.
    await eventually('the stopped agent to be noticed', async () => (await client.getHost(agent.hostId)).status.state === 'not-ready');
    const far = await stage.berth.startAgent({ engine: stage.engine, url: second.url, name: 'at-the-second' });
    const there = createClient({ ...client.account, url: second.url });
    const run = await client.createRun(counting(10));
    await running(there, run);
    await Promise.all([printed(client, run, 'out 5\n'), printed(there, run, 'out 5\n')]);
    await expectWhole(run, 10);
    await expectAllCounted(there, run, 10);
    const long = await running(client, await client.createRun(sh('sleep 600')));
    expect(long.status.hostName).toBe('at-the-second');
    await client.stopRun(long.metadata.id);
    expect((await ended(there, long)).status).toMatchObject({ phase: 'exited', reason: 'stopped' });
    await far.stop();
  });
});
