import { PHASES } from '@berth/shared/model/phase';
import type { AttemptReport, LogReport } from '@berth/shared/protocol/agent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptState, HostState, IngestPlan, Report } from './model.ts';
import { planIngest } from './plan-ingest.ts';

const now = new Date('2026-11-23T06:31:12.000Z');
const at = now.toISOString();
const HOST_REST_MS = 3_000;
const host: HostState = { id: 'host_1', name: 'web-1', sessionId: 'ses_1', ackedGeneration: 1, ready: true, unseenMs: 5_000 };

const attempt = (change: Partial<AttemptState> = {}): AttemptState => ({
  id: 'att_1',
  runId: 'run_1',
  workspaceId: 'ws_1',
  hostId: 'host_1',
  number: 1,
  desired: 'run',
  released: false,
  changedGeneration: 1,
  hasPorts: false,
  evicted: false,
  removeContainer: false,
  stopGraceSeconds: 10,
  stdoutBytes: 0,
  stderrBytes: 0,
  runLogBytes: 0,
  status: {
    phase: 'assigned',
    reason: 'waiting-for-agent',
    message: '',
    pull: null,
    containerId: null,
    imageDigest: null,
    exitCode: null,
    signal: null,
    oomKilled: false,
    phaseTimes: { assigned: at },
    startedAt: null,
    finishedAt: null,
    restarts: 0,
    restartAt: null,
    retryUntil: null,
    exits: [],
    health: null,
  },
  run: {
    current: true,
    desired: 'run',
    restartsAlways: false,
    onHostLost: 'wait',
    generation: 1,
    observedGeneration: 0,
    phaseTimes: { queued: at, assigned: at },
    waiting: null,
  },
  ...change,
});

const phase = (name: AttemptReport['phase'], change: Partial<AttemptReport> = {}): AttemptReport => ({
  attemptId: 'att_1',
  phase: name,
  reason: 'running',
  message: name,
  at,
  containerId: null,
  imageDigest: null,
  exitCode: null,
  signal: null,
  oomKilled: false,
  startedAt: null,
  finishedAt: null,
  ...change,
});

describe('an attempt of which nobody knows whether it ran', () => {
  const lost = (run: Partial<AttemptState['run']> = {}) => {
    const starting = attempt();
    const of = { ...starting, status: { ...starting.status, phase: 'starting' as const }, run: { ...starting.run, ...run } };
    const report = phase('lost', { reason: 'start-unknown', message: 'whether it ran is not known' });
    const reports = [{ type: 'report' as const, pulls: [], logs: [], phases: [report] }];
    return planIngest([{ hostId: 'host_1', sessionId: 'ses_1', acked: null, reports }], [of], [host], now, HOST_REST_MS);
  };

  test('ends its run as lost, unless that may be replaced: then it is queued for another one', () => {
    expect(lost().runs).toMatchObject([{ phase: 'lost', reason: 'start-unknown', again: false }]);
    const { runs, events } = lost({ onHostLost: 'replace' });
    expect(runs).toMatchObject([{ phase: 'queued', again: true }]);
    expect(events).toMatchObject([{ type: 'run.replacing', data: { reason: 'start-unknown' } }]);
    expect(lost({ onHostLost: 'replace', desired: 'stop' }).runs).toMatchObject([{ phase: 'lost', again: false }]);
  });
});

describe('what is in the way of an attempt and may pass', () => {
  const says = (retryUntil: string | null, from: AttemptState) =>
    planIngest(
      [
        {
          hostId: 'host_1',
          sessionId: 'ses_1',
          acked: null,
          reports: [
            { type: 'report', pulls: [], logs: [], phases: [phase('creating', { reason: 'disk-full', message: 'full', retryUntil })] },
          ],
        },
      ],
      [from],
      [host],
      now,
      HOST_REST_MS,
    );

  test('is what its run waits for, with the time until which it is tried again, since it was first heard of', () => {
    const retryUntil = '2026-11-23T07:00:00.000Z';
    const first = says(retryUntil, attempt()).runs[0];
    expect(first).toMatchObject({
      phase: 'creating',
      waiting: { reason: 'disk-full', message: 'full', since: now.toISOString(), deadline: retryUntil },
    });
    const before = attempt();
    const waiting = { reason: 'disk-full' as const, message: 'full', since: at, deadline: retryUntil, next: '' };
    expect(says(retryUntil, { ...before, run: { ...before.run, waiting } }).runs).toMatchObject([{ waiting: { since: at } }]);
    expect(says(null, before).runs).toMatchObject([{ waiting: null }]);
  });
});

describe('an attempt that was stopped because its host is drained', () => {
  const evicted = (change: Partial<AttemptState['run']> = {}): AttemptState => {
    const running = attempt({ evicted: true, desired: 'stop' });
    return { ...running, status: { ...running.status, phase: 'running' }, run: { ...running.run, ...change } };
  };
  const reported = (of: AttemptState, change: Partial<AttemptReport>) =>
    planIngest(
      [
        {
          hostId: 'host_1',
          sessionId: 'ses_1',
          acked: null,
          reports: [{ type: 'report', pulls: [], logs: [], phases: [phase('exited', change)] }],
        },
      ],
      [of],
      [host],
      now,
      HOST_REST_MS,
    );

  test('ends, and its run is queued for another one', () => {
    const { changed, runs, events } = reported(evicted(), { reason: 'stopped', exitCode: 143 });
    expect(changed).toMatchObject([{ release: true, status: { phase: 'exited', exitCode: 143 } }]);
    expect(runs).toMatchObject([
      { phase: 'queued', again: true, exitCode: null, message: 'host web-1 is drained; it is to be placed again' },
    ]);
    expect(events).toMatchObject([{ type: 'run.replacing', data: { attemptId: 'att_1', number: 1, reason: 'evicted' } }]);
  });

  test('and had ended by itself before ends its run, unless that is always started again', () => {
    expect(reported(evicted(), { reason: 'completed', exitCode: 0 }).runs).toMatchObject([{ phase: 'exited', again: false }]);
    expect(reported(evicted({ restartsAlways: true }), { reason: 'completed', exitCode: 0 }).runs).toMatchObject([{ phase: 'queued' }]);
  });

  test('ends its run where a person has asked for that', () => {
    expect(reported(evicted({ desired: 'stop', restartsAlways: true }), { reason: 'stopped' }).runs).toMatchObject([{ phase: 'exited' }]);
  });
});

const phasesOf = ({ events }: IngestPlan) => events.flatMap((event) => (event.type === 'run.phase' ? [event.data.phase] : []));

const log = (offset: number, text: string, change: Partial<LogReport> = {}): LogReport => ({
  attemptId: 'att_1',
  stream: 'stdout',
  offset,
  at,
  data: new TextEncoder().encode(text),
  dropped: 0,
  droppedReason: null,
  ...change,
});

const report = (parts: Partial<Report>): Report => ({ type: 'report', pulls: [], logs: [], phases: [], ...parts });

const ingest = (reports: Report[], attempts = [attempt()], sessionId = 'ses_1', hosts = [host]): IngestPlan =>
  planIngest([{ hostId: 'host_1', sessionId, acked: null, reports }], attempts, hosts, now, HOST_REST_MS);

const textOf = ({ logs }: IngestPlan): string =>
  logs.map(({ data }) => data.map((part) => new TextDecoder().decode(part)).join('')).join('');

describe('phases', () => {
  test('an end releases the attempt, and the run is at the same end', () => {
    const plan = ingest([report({ phases: [phase('running'), phase('exited', { reason: 'completed', exitCode: 0 })] })]);
    expect(plan.changed).toMatchObject([{ id: 'att_1', release: true }]);
    expect(plan.runs).toMatchObject([{ id: 'run_1', phase: 'exited', exitCode: 0, waiting: null, observedGeneration: 1, finishedAt: at }]);
    expect(phasesOf(plan)).toEqual(['running', 'exited']);
  });

  test('a late report of an earlier phase changes nothing', () => {
    const plan = ingest([report({ phases: [phase('running'), phase('pulling')] })]);
    expect(plan.runs).toMatchObject([{ phase: 'running' }]);
    expect(plan.events).toHaveLength(1);
  });

  test('the same report twice is applied once', () => {
    const twice = report({ phases: [phase('running')] });
    expect(ingest([twice, twice]).events).toHaveLength(1);
  });

  test('an attempt that is not the present one of its run does not speak for it', () => {
    const old = attempt();
    const plan = ingest([report({ phases: [phase('lost')] })], [{ ...old, run: { ...old.run, current: false } }]);
    expect(plan.changed).toMatchObject([{ release: true }]);
    expect([plan.runs, plan.events]).toEqual([[], []]);
  });

  test('a stop that waits says until when, and what happens then', () => {
    const plan = ingest([report({ phases: [phase('stopping', { reason: 'stop-requested', message: 'SIGTERM was sent' })] })]);
    expect(plan.runs[0]?.waiting).toEqual({
      reason: 'stop-requested',
      message: 'SIGTERM was sent',
      since: at,
      deadline: '2026-11-23T06:31:22.000Z',
      next: 'It is killed if it has not ended by itself after 10 s.',
    });
  });

  test('what was last asked for counts as observed once the agent has confirmed it', () => {
    const asked = { ...attempt({ changedGeneration: 2 }), run: { ...attempt().run, generation: 2, observedGeneration: 1 } };
    const running = report({ phases: [phase('running')] });
    expect(ingest([running], [asked]).runs[0]?.observedGeneration).toBe(1);
    const confirmed = planIngest(
      [{ hostId: 'host_1', sessionId: 'ses_1', acked: 2, reports: [running] }],
      [asked],
      [host],
      now,
      HOST_REST_MS,
    );
    expect(confirmed.runs[0]?.observedGeneration).toBe(2);
  });

  test('whatever order reports come in, phases only move forward', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PHASES), { maxLength: 12 }), (order) => {
        const ranks = phasesOf(ingest([report({ phases: order.map((name) => phase(name, { reason: 'running' })) })])).map((name) =>
          PHASES.indexOf(name),
        );
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        expect(new Set(ranks).size).toBe(ranks.length);
      }),
    );
  });
});

test('a container that is started again begins another life: its exit is kept once, and what belonged to the life before is gone', () => {
  const exit = { number: 1, reason: 'non-zero-exit', message: 'exited 3', exitCode: 3, signal: null, oomKilled: false } as const;
  const times = { startedAt: at, finishedAt: at };
  const again = phase('restarting', { reason: 'restarting', exitCode: 3, restarts: 1, restartAt: at, exits: [{ ...exit, ...times }] });
  const plan = ingest([report({ phases: [phase('running', { restarts: 0 }), again, again, phase('running', { restarts: 0 })] })]);
  expect(plan.events.map(({ type }) => type)).toEqual(['run.phase', 'run.restarting', 'run.phase']);
  expect(plan.changed[0]?.status).toMatchObject({ phase: 'restarting', restarts: 1, exitCode: 3, exits: [{ number: 1 }] });
  expect(plan.runs[0]?.waiting).toMatchObject({ reason: 'restarting', next: 'Its container is started again at 06:31:12 UTC.' });
  const next = ingest([report({ phases: [again, phase('running', { restarts: 1, exits: [{ ...exit, ...times }] })] })]);
  expect(next.changed[0]?.status).toMatchObject({ phase: 'running', restarts: 1, exitCode: null, exits: [{ number: 1, exitCode: 3 }] });
  expect(next.changed[0]?.release).toBe(false);
});

test('a pause is waited on since it was first heard of, and no longer once it runs on', () => {
  const paused = phase('running', { reason: 'paused', message: 'paused by request' });
  const status = {
    ...attempt().status,
    phase: 'running' as const,
    reason: 'running' as const,
    phaseTimes: { running: '2026-11-23T06:00:00.000Z' },
  };
  const first = ingest([report({ phases: [paused] })], [attempt({ status })]).runs[0]?.waiting;
  expect(first).toMatchObject({ reason: 'paused', since: at });
  const earlier = { ...attempt().run, waiting: first ? { ...first, since: '2026-11-23T06:30:00.000Z' } : null };
  const again = ingest(
    [report({ phases: [{ ...paused, message: 'still paused' }] })],
    [attempt({ status: { ...status, reason: 'paused' }, run: earlier })],
  );
  expect(again.runs[0]?.waiting?.since).toBe('2026-11-23T06:30:00.000Z');
  const resumed = ingest([report({ phases: [phase('running')] })], [attempt({ status: { ...status, reason: 'paused' }, run: earlier })]);
  expect(resumed.runs[0]?.waiting).toBeNull();
});

describe('what a host has confirmed', () => {
  const seen = (acked: number | null, stored: Partial<HostState>) =>
    planIngest([{ hostId: 'host_1', sessionId: 'ses_1', acked, reports: [] }], [], [{ ...host, ...stored }], now, HOST_REST_MS).seen;

  test('is written with that it was seen, unless it was written a moment ago or is no news', () => {
    expect(seen(2, {})).toEqual([{ hostId: 'host_1', sessionId: 'ses_1', generation: 2 }]);
    expect(seen(2, { unseenMs: 2_999 })).toEqual([]);
    expect(seen(2, { unseenMs: 3_000 })).toHaveLength(1);
    expect(seen(1, {})).toEqual([]);
    expect(seen(null, {})).toEqual([]);
    expect(seen(2, { sessionId: 'ses_2' })).toEqual([]);
  });

  test('counts for its runs before it is written', () => {
    const asked = { ...attempt({ changedGeneration: 2 }), run: { ...attempt().run, generation: 2, observedGeneration: 1 } };
    const reports = [report({ phases: [phase('running')] })];
    const just = { ...host, unseenMs: 0 };
    const plan = planIngest([{ hostId: 'host_1', sessionId: 'ses_1', acked: 2, reports }], [asked], [just], now, HOST_REST_MS);
    expect([plan.seen, plan.runs[0]?.observedGeneration]).toEqual([[], 2]);
  });
});

describe('who may report', () => {
  test('a session that was replaced is refused whole', () => {
    const plan = ingest([report({ phases: [phase('running')], logs: [log(0, 'x')] })], [attempt()], 'ses_0');
    expect([plan.changed, plan.logs, plan.runs]).toEqual([[], [], []]);
    expect(plan.results.get('ses_0')).toEqual([{ stale: true }]);
  });

  test('an old session and the one that replaced it in one batch are answered each for itself', () => {
    const of = (sessionId: string) => ({ hostId: 'host_1', sessionId, acked: null, reports: [report({ phases: [phase('running')] })] });
    const { results } = planIngest([of('ses_1'), of('ses_0')], [attempt()], [host], now, HOST_REST_MS);
    expect([results.get('ses_1'), results.get('ses_0')]).toEqual([[{ stale: false, logs: [], unknown: [] }], [{ stale: true }]]);
  });

  test("another host's attempt, an unknown one and one that is over are named as not this host's", () => {
    const attempts = [attempt({ hostId: 'host_2' }), attempt({ id: 'att_2', released: true })];
    const plan = ingest(
      [report({ phases: [phase('exited'), phase('exited', { attemptId: 'att_2' }), phase('exited', { attemptId: 'att_3' })] })],
      attempts,
    );
    expect(plan.changed).toEqual([]);
    expect(plan.results.get('ses_1')).toEqual([{ stale: false, logs: [], unknown: ['att_1', 'att_2', 'att_3'] }]);
  });
});

describe('logs', () => {
  test('pieces that follow each other become one chunk', () => {
    const plan = ingest([report({ logs: [log(0, 'Hello '), log(6, 'world')] })]);
    expect(plan.logs).toMatchObject([{ position: 0, streamOffset: 0, length: 11 }]);
    expect(plan.grown).toMatchObject([{ stdoutBytes: 11 }]);
    expect(plan.logLengths).toEqual(new Map([['run_1', 11]]));
  });

  test('the two streams lie behind each other in the merged log, each with its own offsets', () => {
    const plan = ingest([report({ logs: [log(0, 'out'), log(0, 'err!', { stream: 'stderr' }), log(3, 'put')] })]);
    expect(plan.logs.map(({ stream, position, streamOffset }) => [stream, position, streamOffset])).toEqual([
      ['stdout', 0, 0],
      ['stderr', 3, 0],
      ['stdout', 7, 3],
    ]);
  });

  test('beyond a gap nothing is taken, and the answer says from where to go on', () => {
    const plan = ingest([report({ logs: [log(0, 'abc'), log(5, 'fgh')] })]);
    expect(textOf(plan)).toBe('abc');
    expect(plan.results.get('ses_1')).toEqual([{ stale: false, logs: [{ attemptId: 'att_1', stdout: 3, stderr: 0 }], unknown: [] }]);
  });

  test('bytes that were lost keep their place', () => {
    const lost = log(3, '', { dropped: 100, droppedReason: 'the log was rotated' });
    const plan = ingest([report({ logs: [log(0, 'abc'), lost, log(103, 'xyz')] })]);
    expect(plan.logs.map(({ position, length, dropped }) => [position, length, dropped])).toEqual([
      [0, 3, 0],
      [3, 0, 100],
      [103, 3, 0],
    ]);
    expect(plan.logLengths.get('run_1')).toBe(106);
  });

  test('two attempts of one run write into one log', () => {
    const second = attempt({ id: 'att_2', number: 2 });
    const plan = ingest([report({ logs: [log(0, 'one'), log(0, 'two', { attemptId: 'att_2' })] })], [attempt(), second]);
    expect(plan.logs.map(({ attemptNumber, position }) => [attemptNumber, position])).toEqual([
      [1, 0],
      [2, 3],
    ]);
  });

  test('however pieces are cut, repeated and overlap, every byte is stored once and in order', () => {
    const whole = 'The quick brown fox jumps over the lazy dog';
    const piece = fc
      .tuple(fc.nat(whole.length), fc.nat(whole.length))
      .map(([a, b]) => log(Math.min(a, b), whole.slice(Math.min(a, b), Math.max(a, b))));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const plan = ingest([...pieces.map((one) => report({ logs: [one] })), report({ logs: [log(0, whole)] })]);
        expect(textOf(plan)).toBe(whole);
        expect(plan.logLengths.get('run_1')).toBe(whole.length);
      }),
    );
  });
});
