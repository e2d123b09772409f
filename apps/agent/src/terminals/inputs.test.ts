import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { RunSpec } from '@berth/shared/model/run';
import { assignmentSchema } from '@berth/shared/protocol/agent';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Inputs } from './inputs.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** A process that takes a piece whenever `read` is called, and its container, which can be started again. */
function container(spec: Partial<RunSpec>) {
  const taken: Buffer[] = [];
  let pending: (() => void) | null = null;
  let opened = 0;
  const state = { startedAt: 1000, running: true, reads: true };
  const attempt = { attemptId: 'a', containerId: 'c', createdAt: 0, finishedAt: null, exitCode: null, oomKilled: false, engineMessage: '' };
  const engine = {
    findContainer: async () => ({
      ok: true as const,
      value: { ...attempt, state: state.running ? ('running' as const) : ('ended' as const), startedAt: state.startedAt },
    }),
    openInput: async () => {
      opened++;
      const stream = new Duplex({
        read: () => undefined,
        write: (bytes: Buffer, _encoding, done) => {
          const take = () => {
            taken.push(bytes);
            done();
          };
          if (state.reads) take();
          else pending = take;
        },
      });
      return { ok: true as const, value: stream };
    },
    resizeTerminal: async () => ({ ok: true as const, value: undefined }),
  };
  const assignment = assignmentSchema.parse({
    attemptId: 'a',
    runId: 'r',
    runName: 'r',
    workspaceId: 'w',
    phase: 'running',
    desired: 'run',
    ports: [],
    credentials: null,
    spec: { image: 'busybox', stdin: true, ...spec },
  });
  const inputs = new Inputs(engine, { assignments: new Map([['a', assignment]]), inputs: new Map(), saved: async () => undefined });
  return {
    inputs,
    state,
    text: () => Buffer.concat(taken).toString(),
    read: () => {
      state.reads = true;
      pending?.();
    },
    opened: () => opened,
  };
}
/** All that can happen without time going by. */
const settle = async () => {
  for (let n = 0; n < 200; n++) await turn();
};

test('what was not taken in time is counted and is not sent later, and the next is taken behind it', async () => {
  const { inputs, state, read, text } = container({});
  state.reads = false;
  const first = inputs.write('a', Buffer.alloc(40_000, 'x'), false);
  const second = inputs.write('a', Buffer.from('never'), false);
  await settle();
  vi.advanceTimersByTime(10_000);
  await settle();
  vi.advanceTimersByTime(10);
  expect(await first).toEqual({ ok: true, value: { written: 16_384, ended: false } });
  expect(await second).toEqual({ ok: true, value: { written: 0, ended: false } });
  read();
  await settle();
  expect(await inputs.write('a', Buffer.from('next'), false)).toEqual({ ok: true, value: { written: 4, ended: false } });
  expect(text()).toBe(`${'x'.repeat(16_384)}next`);
  inputs.close();
});

test('more than a MiB does not wait for a process that does not read', async () => {
  const { inputs, state } = container({});
  state.reads = false;
  const waiting = inputs.write('a', Buffer.alloc(1024 * 1024), false);
  expect(await inputs.write('a', Buffer.from('x'), false)).toMatchObject({ ok: false, code: 'no-input' });
  await settle();
  vi.advanceTimersByTime(10_010);
  expect(await waiting).toMatchObject({ ok: true });
  inputs.close();
});

test('keys come in the order of the calls, and another life of the container is connected to anew', async () => {
  const { inputs, state, text, opened } = container({ tty: true });
  await Promise.all([...'hello'].map((key) => inputs.write('a', Buffer.from(key), false)));
  expect([text(), opened()]).toEqual(['hello', 1]);
  state.running = false;
  expect(await inputs.write('a', Buffer.from('lost'), false)).toMatchObject({ ok: false, code: 'not-running' });
  Object.assign(state, { running: true, startedAt: 2000 });
  await inputs.write('a', Buffer.from(' again'), true);
  expect([text(), opened()]).toEqual(['hello again\x04', 2]);
  inputs.close();
});

test('an input that can be ended is opened once in a life', async () => {
  const { inputs, state, text, opened } = container({ stdinOnce: true });
  expect(await inputs.write('a', Buffer.from('all'), true)).toEqual({ ok: true, value: { written: 3, ended: true } });
  expect(await inputs.write('a', Buffer.from('late'), false)).toMatchObject({ ok: false, code: 'no-input' });
  state.startedAt = 2000;
  await inputs.write('a', Buffer.from(' anew'), false);
  expect([text(), opened()]).toEqual(['all anew', 2]);
  inputs.close();
});
