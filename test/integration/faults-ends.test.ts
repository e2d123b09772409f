/** How runs end when they do not end well: code, signal, reason and sentence, as a REST client sees them. */
import type { RunStatus } from '@berth/shared/model/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemFrom, type RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { pushBusybox } from '../support/images.ts';
import { type SlowRegistry, startSlowRegistry } from '../support/slow-registry.ts';
import { containersOf, dockerOf, ended, type FaultStage, openFaultStage, printed, reached, running, sh, startsOf } from './fault-stage.ts';

let stage: FaultStage;

beforeAll(async () => {
  stage = await openFaultStage();
  await stage.berth.startAgent({ engine: stage.engine });
});
afterAll(() => stage?.close());

const endOf = async (spec: RunSpecInput) => ended(stage.client, await stage.client.createRun(spec));

describe('a command', () => {
  const ends: [string, RunSpecInput, Partial<RunStatus>, RegExp][] = [
    [
      'that is not in the image fails with 127 and its name',
      sh('', { command: ['no-such-program'] }),
      { phase: 'failed', reason: 'command-not-found', exitCode: 127, startedAt: null },
      /no-such-program.*not found/,
    ],
    [
      'by a path that is not in the image fails with 127 and the path',
      sh('', { command: ['/opt/absent'] }),
      { phase: 'failed', reason: 'command-not-found', exitCode: 127 },
      /\/opt\/absent.*no such file or directory/,
    ],
    [
      'that is not executable fails with 126 and why',
      sh('', { command: ['/etc/passwd'] }),
      { phase: 'failed', reason: 'command-not-executable', exitCode: 126 },
      /\/etc\/passwd.*permission denied/,
    ],
    [
      'that exits with another code than 0 exits with it',
      sh('echo before; exit 42'),
      { phase: 'exited', reason: 'non-zero-exit', exitCode: 42, signal: null },
      /exited 42/,
    ],
    [
      'whose shell finds a program missing exits with the 127 of the shell',
      sh('nothing-here'),
      { phase: 'exited', reason: 'non-zero-exit', exitCode: 127 },
      /exited 127/,
    ],
    [
      'over its limit of memory is ended by the kernel, and that is said with the limit',
      sh('tail /dev/zero', { command: ['/bin/tail', '/dev/zero'], resources: { memory: '16Mi' } }),
      { phase: 'exited', reason: 'out-of-memory', exitCode: 137, signal: 'SIGKILL', oomKilled: true },
      /out of memory at 16 MiB/,
    ],
    [
      'over its time-out is stopped, and fails with the time-out',
      sh('echo begun; sleep 600', { timeoutSeconds: 1 }),
      { phase: 'failed', reason: 'timed-out', exitCode: 137, signal: 'SIGKILL' },
      /time-out of 1 s/,
    ],
  ];
  it.each(ends)('%s', async (_, spec, status, sentence) => {
    const run = await endOf(spec);
    expect(run.status).toMatchObject(status);
    expect(run.status.message).toMatch(sentence);
    expect(run.status.waiting).toBeNull();
    expect(run.status.finishedAt).not.toBeNull();
    expect(await startsOf(stage.engine, run)).toBe(status.phase === 'failed' && status.reason !== 'timed-out' ? 0 : 1);
  });

  it('that a signal from outside of Berth ends says which', async () => {
    const run = await running(stage.client, await stage.client.createRun(sh('sleep 600')));
    const [container] = await containersOf(stage.engine, run);
    if (!container) throw new Error('the run has no container');
    await dockerOf(stage.engine).getContainer(container.Id).kill({ signal: 'SIGKILL' });
    const { status } = await ended(stage.client, run);
    expect(status).toMatchObject({ phase: 'exited', reason: 'signalled', exitCode: 137, signal: 'SIGKILL', oomKilled: false });
    expect(status.message).toBe('exited 137: ended by SIGKILL');
  });

  it.each([
    ['SEGV', 139],
    ['TERM', 143],
  ])('whose work SIG%s ends says so by its code %i', async (signal, exitCode) => {
    const { status } = await endOf(sh(`sh -c 'kill -${signal} $$'; exit $?`));
    expect(status).toMatchObject({ phase: 'exited', reason: 'signalled', exitCode, signal: `SIG${signal}` });
  });
});

describe('a run that is over at once', () => {
  it('did not end before it started', async () => {
    const { status } = await endOf({ image: 'hello-world' });
    expect(Date.parse(status.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(status.startedAt ?? ''));
  });
});

describe('a run that is asked to end', () => {
  it('gets its stop signal, and what it says and returns then is kept', async () => {
    const { client } = stage;
    const script = 'trap "echo bye; exit 5" USR1; echo ready; while :; do sleep 0.05; done';
    const run = await client.createRun(sh(script, { stopSignal: 'SIGUSR1', stopGracePeriodSeconds: 60 }));
    await printed(client, run, 'ready');
    await client.stopRun(run.metadata.id);
    const { status } = await ended(client, run);
    expect(status).toMatchObject({ phase: 'exited', reason: 'stopped', desired: 'stop', exitCode: 5, signal: null });
    expect(await client.logs(run.metadata.id)).toBe('ready\nbye\n');
  });

  it('is killed after its grace period', async () => {
    const { client } = stage;
    const run = await client.createRun(sh('trap "" TERM; echo ready; while :; do sleep 0.05; done', { stopGracePeriodSeconds: 2 }));
    await printed(client, run, 'ready');
    await client.stopRun(run.metadata.id);
    const { status } = await ended(client, run);
    expect(status).toMatchObject({ phase: 'exited', reason: 'stopped', exitCode: 137, signal: 'SIGKILL' });
    expect(status.message).toContain('killed after the grace period');
  });

  it('says while it stops until when it may, and by a kill ends at once, also in the middle of a long grace period', async () => {
    const { client } = stage;
    const run = await client.createRun(sh('trap "" TERM; echo ready; while :; do sleep 0.05; done', { stopGracePeriodSeconds: 600 }));
    await printed(client, run, 'ready');
    await client.stopRun(run.metadata.id);
    const { status: stopping } = await reached(client, run, 'stopping', ({ phase }) => phase === 'stopping');
    expect(stopping.waiting).toMatchObject({ reason: 'stop-requested', next: expect.stringContaining('killed') });
    const { since, deadline } = stopping.waiting ?? {};
    expect(Date.parse(deadline ?? '') - Date.parse(since ?? '')).toBe(600_000);
    await client.killRun(run.metadata.id);
    const { status } = await ended(client, run);
    expect(status).toMatchObject({ phase: 'exited', reason: 'killed', desired: 'kill', exitCode: 137, signal: 'SIGKILL' });
  });

  it('while it is queued is cancelled, and never runs once there is a host', async () => {
    const { berth, engine } = stage;
    const other = await berth.tenant('queued');
    const run = await other.createRun({ image: 'hello-world' });
    await reached(other, run, 'waiting for a host', ({ waiting }) => waiting?.reason === 'no-host');
    await other.stopRun(run.metadata.id);
    const { status } = await ended(other, run);
    expect(status).toMatchObject({ phase: 'cancelled', reason: 'cancelled', waiting: null, exitCode: null, attempts: [] });
    expect(status.finishedAt).not.toBeNull();
    await berth.startAgent({ engine, client: other, name: 'late' });
    await ended(other, await other.createRun({ image: 'hello-world' }));
    expect(await containersOf(engine, run)).toEqual([]);
    expect((await other.getRun(run.metadata.id)).status).toEqual(status);
  });

  it('a second time, or after its end, changes nothing', async () => {
    const { client } = stage;
    const run = await endOf(sh('exit 3'));
    await client.stopRun(run.metadata.id);
    await client.killRun(run.metadata.id);
    expect((await client.getRun(run.metadata.id)).status).toEqual(run.status);
  });

  it('by a deletion is refused while it runs, and killed and removed where that is forced', async () => {
    const { client, engine } = stage;
    const run = await running(client, await client.createRun(sh('sleep 600')));
    expect(await problemFrom(client.deleteRun(run.metadata.id))).toMatchObject({ status: 409, code: 'conflict' });
    await client.deleteRun(run.metadata.id, true);
    expect(await problemFrom(client.getRun(run.metadata.id))).toMatchObject({ status: 404 });
    await eventually('the container to be removed', async () => (await containersOf(engine, run)).length === 0);
  });
});

describe('a run whose image is being pulled', () => {
  let slow: SlowRegistry;
  beforeAll(async () => {
    slow = await startSlowRegistry(stage.mirror);
  });
  afterAll(() => slow?.stop());

  it.each(['stop', 'kill'] as const)('is cancelled by a %s while the registry is slow; the next run of the image pulls it', async (how) => {
    const { client, engine } = stage;
    await pushBusybox(stage.mirror, `team/${how}`, '1', { layers: [1_000_000, 1_000_000] });
    const spec = { image: `${slow.server}/team/${how}:1`, command: ['/bin/echo', 'pulled'] };
    slow.close();
    const run = await client.createRun(spec);
    const pulling = await reached(client, run, 'in the middle of a layer', ({ phase, attempts }) => {
      return phase === 'pulling' && slow.held() > 0 && attempts[0]?.pull?.layers.some(({ current }) => (current ?? 0) > 0) === true;
    });
    expect(pulling.status.waiting?.message).toMatch(/^pulling 127.*: layer \d of 3, [\d.]+ of [\d.]+ MB$/);
    await (how === 'stop' ? client.stopRun(run.metadata.id) : client.killRun(run.metadata.id));
    const { status } = await ended(client, run);
    expect(status).toMatchObject({ phase: 'cancelled', reason: 'cancelled', exitCode: null, startedAt: null, waiting: null });
    expect(await containersOf(engine, run)).toEqual([]);
    slow.open();
    const next = await ended(client, await client.createRun(spec));
    expect(next.status).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(next.status.attempts[0]?.pull?.state).toBe('done');
  });
});
