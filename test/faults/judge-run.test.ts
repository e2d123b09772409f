import { type Run, runSchema } from '@berth/shared/model/run';
import { describe, expect, it } from 'vitest';
import { judgeRun, type RunEvidence } from './judge-run.ts';

const AT = '2026-11-26T03:00:00.000Z';
const LIFE = 'life 11111111-1111-4111-8111-111111111111\n';

const attempt = (number: number, change: object = {}) => ({
  id: `att_${number}`,
  number,
  hostId: `host_${number}`,
  hostName: `real-${number}`,
  phase: 'exited',
  reason: 'completed',
  message: 'exited 0',
  containerId: null,
  ports: [],
  placement: null,
  pull: null,
  exitCode: 0,
  signal: null,
  oomKilled: false,
  restarts: 0,
  restartAt: null,
  exits: [],
  health: null,
  phaseTimes: {},
  createdAt: AT,
  startedAt: AT,
  finishedAt: AT,
  ...change,
});

const run = (status: object = {}, attempts: object[] = [attempt(1)]): Run =>
  runSchema.parse({
    kind: 'Run',
    metadata: { id: 'run_1', name: 'run', workspace: 'w', labels: {}, generation: 1, resourceVersion: '1', createdAt: AT },
    spec: { image: 'busybox' },
    status: {
      phase: 'exited',
      reason: 'completed',
      message: 'exited 0',
      waiting: null,
      desired: 'run',
      restarts: 0,
      health: null,
      exitCode: 0,
      signal: null,
      oomKilled: false,
      image: { reference: 'busybox', digest: null },
      hostId: 'host_1',
      hostName: 'real-1',
      observedGeneration: 1,
      startedAt: AT,
      finishedAt: AT,
      logBytes: 0,
      phaseTimes: {},
      attempts,
      ...status,
    },
  });

const [from, until] = [1_000_000, 1_010_000];
const judge = (change: Partial<RunEvidence> = {}) =>
  judgeRun({
    work: { work: 'lines', lines: 2, pauseMs: 50, exitCode: 0 },
    onHostLost: 'wait',
    run: run(),
    from,
    until,
    stdout: `${LIFE}out 0\nout 1\n`,
    stderr: 'err 0\nerr 1\n',
    hello: 'Hello!\n',
    engineKills: [],
    diskFills: [],
    ...change,
  });
const cut = { stdout: `${LIFE}out 0\n`, stderr: 'err 0\n' };

describe('a run is judged', () => {
  it('good at the end that its work wants, with all that it wrote', () => {
    expect(judge()).toEqual([]);
  });

  it('bad at another end, and with less than it wrote', () => {
    expect(judge({ run: run({ exitCode: 1 }) })).toEqual([expect.stringMatching(/^it ended as exited \(completed, exit code 1/)]);
    expect(judge(cut)).toHaveLength(2);
  });

  it('by what an engine took that was killed while the run lived, and at no other time', () => {
    expect(judge({ ...cut, engineKills: [from + 5] })).toEqual([]);
    expect(judge({ ...cut, engineKills: [until + 5, from - 60_000] })).toHaveLength(2);
    const said = 'exited 0; it ended while the container engine was away, so the last of its output may be missing';
    expect(judge({ ...cut, run: run({ message: said }) })).toEqual([]);
  });

  it('bad where it failed because a disk was full for a while', () => {
    const failed = { phase: 'failed', reason: 'disk-full', exitCode: null, startedAt: null };
    const evidence = { run: run(failed, [attempt(1, failed)]), stdout: '', stderr: '' };
    expect(judge({ ...evidence, diskFills: [from] })).not.toEqual([]);
  });

  it('good with an exit code that is not known only where an engine was killed', () => {
    const message =
      'exited 255; it ended while the container engine was away, so the last of its output may be missing, and 255 may stand for an exit code that is not known';
    const evidence = { run: run({ reason: 'non-zero-exit', exitCode: 255, message }) };
    expect(judge({ ...evidence, engineKills: [from] })).toEqual([]);
    expect(judge(evidence)).toHaveLength(1);
  });

  it('bad with a second attempt unless it may be replaced, and its first one is lost', () => {
    const lost = attempt(1, { phase: 'lost', reason: 'host-lost', exitCode: null });
    const evidence = {
      run: run({}, [lost, attempt(2)]),
      stdout: `${LIFE}out 0\n${LIFE.replace('1', '2')}out 0\nout 1\n`,
      stderr: 'err 0\nerr 1\n',
    };
    expect(judge({ ...evidence, onHostLost: 'replace' })).toEqual([]);
    expect(judge(evidence)).toEqual(['it waits for its host, and has 2 attempts']);
    const twice = run({}, [attempt(1), attempt(2)]);
    expect(judge({ ...evidence, onHostLost: 'replace', run: twice })).toContain('2 attempts, of which 0 are lost');
  });

  it('by the whole text of hello-world, once for each attempt', () => {
    const hello: Partial<RunEvidence> = { work: { work: 'hello' }, stderr: '', onHostLost: 'replace' };
    const replaced = run({}, [attempt(1, { phase: 'lost', reason: 'host-lost', exitCode: null }), attempt(2)]);
    expect(judge({ ...hello, stdout: 'Hello!\n' })).toEqual([]);
    expect(judge({ ...hello, stdout: 'HelHello!\n', run: replaced })).toEqual([]);
    expect(judge({ ...hello, stdout: 'Hello!\nHello!\n' })).toHaveLength(1);
    expect(judge({ ...hello, stdout: 'Hello!' })).toHaveLength(1);
  });

  it('as well where its engine died in the middle of its start, or its disk was full and its engine told something else', () => {
    const lost = { phase: 'lost', reason: 'start-unknown', exitCode: null, startedAt: null };
    const died = run(lost, [attempt(1, lost)]);
    expect(judge({ run: died, stdout: '', stderr: '', engineKills: [from - 1000] })).toEqual([]);
    expect(judge({ run: died, stdout: '', stderr: '' })).not.toEqual([]);
    const unreachable = { phase: 'failed', reason: 'registry-unreachable', message: 'dial tcp', exitCode: null, startedAt: null };
    const full = run(unreachable, [attempt(1, { phase: 'failed', startedAt: null })]);
    expect(judge({ run: full, stdout: '', stderr: '', diskFills: [from - 1000] })).toEqual([]);
    expect(judge({ run: full, stdout: '', stderr: '' })).not.toEqual([]);
  });
});
