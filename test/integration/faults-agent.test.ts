/** An agent that dies in the worst moments, or loses its link: no container starts twice, and no byte is lost or doubled. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { atRequest, containersOf, counting, printed, reached, sh, touch } from './fault-stage.ts';
import { MOMENTS, openRecoveryStage, type RecoveryStage } from './recovery-stage.ts';

let stage: RecoveryStage;
let client: BerthClient;

beforeAll(async () => {
  stage = await openRecoveryStage();
  client = stage.client;
});
afterAll(() => stage?.close());

const restartAgent = async () => {
  await stage.agent.kill();
  await stage.agent.start();
};

describe('an agent killed with -9', () => {
  it('in the middle of a pull pulls on, and runs it once', async () => {
    const run = await stage.pulling('agent', 5);
    await restartAgent();
    stage.slow.open();
    await stage.expectWhole(run, 5);
  });

  it.each(MOMENTS)('%s the engine does %s runs it once, from its first byte to its last', async (when, request) => {
    const killed = atRequest(stage.proxy, new RegExp(`/${request}$`), when, () => stage.agent.kill());
    const run = await client.createRun(counting(5));
    await killed;
    await stage.agent.start();
    await stage.expectWhole(run, 5);
  });

  it('again and again in the middle of the output loses nothing', async () => {
    const run = await client.createRun(counting(30));
    for (const line of [3, 12, 21]) {
      await printed(client, run, `out ${line}\n`);
      await restartAgent();
    }
    await stage.expectWhole(run, 30);
  });

  it('over and over while many runs come up together, wherever each of them is, keeps all of them whole', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, () => client.createRun(counting(5))));
    for (let time = 0; time < 5; time++) await restartAgent();
    for (const run of runs) await stage.expectWhole(run, 5);
  });
});

describe('a link between agent and api', () => {
  it('cut again and again in the middle of the output loses nothing and doubles nothing', async () => {
    const run = await client.createRun(counting(30));
    for (const line of [2, 10, 18]) {
      await printed(client, run, `out ${line}\n`);
      stage.link.cut();
      stage.link.mend();
    }
    await stage.expectWhole(run, 30);
  });

  it('cut until the host is given up as not ready, while the run ends, brings its output and its end when it is mended', async () => {
    // In its middle until it is let go.
    const held = '[ $i -ne 10 ] || until [ -e /go ]; do sleep 0.1; done';
    const run = await client.createRun(
      sh(`i=0; while [ $i -lt 20 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); ${held}; sleep 0.1; done`),
    );
    await printed(client, run, 'out 2\n');
    stage.link.cut();
    await touch(stage.engine, run, '/go');
    const { status } = await reached(client, run, 'waiting for its host', ({ waiting }) => waiting?.reason === 'waiting-for-host');
    expect(status.phase).toBe('running');
    expect(status.waiting?.message).toMatch(/^waiting for host .*, last seen .*: the agent is not connected$/);
    await eventually('the run to end meanwhile', async () => (await containersOf(stage.engine, run))[0]?.State === 'exited');
    stage.link.mend();
    await stage.expectWhole(run, 20);
  });
});
