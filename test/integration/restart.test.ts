/** A container that is started again, by its policy or by request, on a real engine, whatever dies meanwhile. */
import { createServer, type Server } from 'node:net';
import type { BerthEvent } from '@berth/shared/events/event';
import type { Run } from '@berth/shared/model/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/parts/free-port.ts';
import type { Agent } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { type FaultStage, openFaultStage, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine });
});
afterAll(() => stage?.close());

const restart = (id: string) => client.send('POST', `${client.base}/runs/${id}/restart`);
const untilRun = (id: string, what: string, is: (run: Run) => boolean) =>
  eventually(
    what,
    async () => is(await client.getRun(id)),
    async () => (await client.getRun(id)).status,
  );
const eventsOf = async (id: string): Promise<BerthEvent[]> =>
  JSON.parse((await client.send('GET', `${client.base}/runs/${id}/events?limit=500`)).text).items;
/** Numbers each of its lives in a file of its own, which outlives them. */
const LIFE = 'n=$(cat /n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /n; echo life $n;';

describe('a restart policy', () => {
  it('starts a failed container again in the same container, so often as it says, and keeps every exit and every byte', async () => {
    const spec = { restart: { policy: 'on-failure' as const, maxRetries: 2 } };
    const { metadata } = await client.createRun(sh(`${LIFE} printf "no end"; exit $((n+2))`, spec));
    const { status } = await client.waitRun(metadata.id);
    expect(status).toMatchObject({ phase: 'exited', exitCode: 5, restarts: 2, reason: 'non-zero-exit' });
    expect(status.message).toBe('exited 5; not started again: 2 restarts did not help');
    expect(status.attempts).toHaveLength(1);
    expect(status.attempts[0]?.exits).toMatchObject([
      { number: 2, exitCode: 4 },
      { number: 1, exitCode: 3 },
    ]);
    expect(await client.logs(metadata.id)).toBe('life 1\nno endlife 2\nno endlife 3\nno end');
    const events = (await eventsOf(metadata.id)).filter(({ type }) => type === 'run.restarting');
    expect(events.map(({ data }) => data)).toMatchObject([{ number: 1 }, { number: 2 }]);
  });

  it('does not start again what has succeeded, and always means always until it is stopped', async () => {
    const { metadata: done } = await client.createRun(sh('exit 0', { restart: { policy: 'on-failure' } }));
    expect((await client.waitRun(done.id)).status).toMatchObject({ phase: 'exited', exitCode: 0, restarts: 0 });
    const { metadata } = await client.createRun(sh(`${LIFE} exit 0`, { restart: { policy: 'always' } }));
    await untilRun(metadata.id, 'a restart that waits for its time', ({ status }) => status.phase === 'restarting' && status.restarts >= 2);
    const waiting = await client.getRun(metadata.id);
    if (waiting.status.phase === 'restarting') {
      expect(waiting.status.waiting).toMatchObject({ reason: 'restarting', next: expect.stringContaining('started again at') });
      expect(waiting.status.attempts[0]?.restartAt).not.toBeNull();
    }
    await client.stopRun(metadata.id);
    expect((await client.waitRun(metadata.id)).status).toMatchObject({ phase: 'exited', reason: 'stopped' });
  });

  it('goes on over the death of the agent, with each life once and its output whole', async () => {
    const { metadata } = await client.createRun(
      sh(`${LIFE} i=0; while [ $i -lt 2000 ]; do echo $n line $i; i=$((i+1)); done; [ $n -lt 3 ] && exit 9; sleep 3600`, {
        restart: { policy: 'always' },
        stopSignal: 'SIGKILL',
      }),
    );
    await untilRun(metadata.id, 'the first restart', ({ status }) => status.restarts >= 1);
    await agent.kill();
    await agent.start();
    await untilRun(metadata.id, 'the third life', ({ status }) => status.restarts === 2 && status.phase === 'running');
    const lives = [1, 2, 3].map((n) => `life ${n}\n${Array.from({ length: 2000 }, (_, i) => `${n} line ${i}\n`).join('')}`);
    await eventually('the last line', async () => (await client.logs(metadata.id)).includes('3 line 1999\n'));
    expect(await client.logs(metadata.id)).toBe(lives.join(''));
    const { status } = await client.getRun(metadata.id);
    expect(status.attempts[0]?.exits.map(({ number, exitCode }) => [number, exitCode])).toEqual([
      [2, 9],
      [1, 9],
    ]);
    await client.killRun(metadata.id);
  });
});

describe('a restart that the engine refuses', () => {
  it('is tried again, and goes on once its port is free', async () => {
    const hostPort = await freePort();
    const spec = { restart: { policy: 'always' as const }, ports: [{ containerPort: 80, hostPort }] };
    const { metadata } = await client.createRun(sh(`${LIFE} [ -e /tmp/stay ] && exec sleep 3600; touch /tmp/stay; exec sleep 2`, spec));
    await eventually('its first life', async () => (await client.logs(metadata.id)).includes('life 1'));
    // The engine lets the port go with the container, and nobody else may be quicker: it is tried until it is ours.
    const thief = createServer();
    await eventually('the port to be free between two lives', () => listens(thief, hostPort));
    await untilRun(metadata.id, 'a refused start', ({ status }) => status.message.includes('could not be started'));
    const { status } = await client.getRun(metadata.id);
    expect(status).toMatchObject({ phase: 'restarting', waiting: { reason: 'restarting' } });
    expect(status.attempts[0]?.exits[0]).toMatchObject({ reason: 'host-port-taken', exitCode: 125, startedAt: null });
    await new Promise((resolve) => thief.close(resolve));
    await untilRun(metadata.id, 'it to run again', (run) => run.status.phase === 'running' && run.status.restarts >= 2);
    await eventually('its second life', async () => (await client.logs(metadata.id)).includes('life 2'));
    expect(await client.logs(metadata.id)).toBe('life 1\nlife 2\n');
    await client.killRun(metadata.id);
  });
});

/** Whether the server has the port now. */
function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => resolve(true));
  });
}

describe('a restart by request', () => {
  it('stops the container and starts it again, and says who asked', async () => {
    const { metadata } = await client.createRun(
      sh(`trap "echo bye; exit 7" TERM; ${LIFE} while true; do sleep 0.1; done`, { stopGracePeriodSeconds: 10 }),
    );
    await eventually('its first life', async () => (await client.logs(metadata.id)).includes('life 1'));
    // Its output may be told before its phase.
    await client.waitRun(metadata.id, 'running');
    expect((await restart(metadata.id)).status).toBe(200);
    await eventually('its second life', async () => (await client.logs(metadata.id)).includes('life 2'));
    await untilRun(metadata.id, 'it to run', ({ status }) => status.phase === 'running');
    const { status } = await client.getRun(metadata.id);
    expect(status).toMatchObject({
      restarts: 1,
      exitCode: null,
      attempts: [{ exits: [{ number: 1, exitCode: 7, reason: 'restart-requested' }] }],
    });
    expect(await client.logs(metadata.id)).toBe('life 1\nbye\nlife 2\n');
    expect((await eventsOf(metadata.id)).filter(({ type }) => type === 'run.requested')).toMatchObject([{ data: { action: 'restart' } }]);
    await client.killRun(metadata.id);
    await client.waitRun(metadata.id);
    const refused = await restart(metadata.id);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text).detail).toContain('only one that runs can be restarted');
  });
});

describe('a health check', () => {
  it('is made by the engine, and what it says is told', async () => {
    const { metadata } = await client.createRun(
      sh('touch /well; while [ -e /well ] || [ -e /ill ]; do sleep 0.1; done', {
        healthcheck: { command: ['test', '-e', '/well'], intervalSeconds: 1, retries: 1 },
      }),
    );
    await untilRun(metadata.id, 'it to be healthy', ({ status }) => status.health === 'healthy');
    await client.exec(metadata.id, ['mv', '/well', '/ill']);
    await untilRun(metadata.id, 'it to be unhealthy', ({ status }) => status.health === 'unhealthy');
    const told = (await eventsOf(metadata.id))
      .filter(({ type }) => type === 'run.health')
      .map(({ data }) => 'status' in data && data.status);
    expect(told.slice(-2)).toEqual(['healthy', 'unhealthy']);
    await client.exec(metadata.id, ['rm', '/ill']);
    expect((await client.waitRun(metadata.id)).status).toMatchObject({ phase: 'exited', health: null });
  });
});
