import { describe, expect, it } from 'vitest';
import { concludeExit } from './conclude-exit.ts';
import type { ObservedContainer } from './model.ts';

const ended = (exitCode: number, rest: Partial<ObservedContainer> = {}): ObservedContainer => ({
  attemptId: 'a',
  containerId: 'c',
  state: 'ended',
  createdAt: 0,
  startedAt: 1000,
  finishedAt: 6000,
  exitCode,
  oomKilled: false,
  engineMessage: '',
  ...rest,
});

describe('the end of a container', () => {
  it('is a sentence with its cause', () => {
    const spec = { image: 'x', resources: { memory: '64Mi' } };
    expect(concludeExit(ended(0), spec, null)).toMatchObject({ reason: 'completed', message: 'exited 0', signal: null });
    expect(concludeExit(ended(3), spec, null)).toMatchObject({ reason: 'non-zero-exit', message: 'exited 3' });
    expect(concludeExit(ended(139), spec, null)).toMatchObject({
      reason: 'signalled',
      message: 'exited 139: ended by SIGSEGV',
      signal: 'SIGSEGV',
    });
    expect(concludeExit(ended(137, { oomKilled: true }), spec, null)).toMatchObject({
      reason: 'out-of-memory',
      message: 'exited 137: killed, out of memory at 64 MiB',
    });
  });

  it('is not blamed on memory where a child was killed and the command coped', () => {
    expect(concludeExit(ended(0, { oomKilled: true }), { image: 'x' }, null)).toMatchObject({ reason: 'completed', oomKilled: true });
  });

  it('by request tells whether the grace period was used up', () => {
    expect(concludeExit(ended(143), { image: 'x' }, 'stop-requested').message).toBe('exited 143: stopped by request');
    expect(concludeExit(ended(137), { image: 'x' }, 'stop-requested').message).toBe(
      'exited 137: stopped by request, killed after the grace period',
    );
    expect(concludeExit(ended(137), { image: 'x' }, 'kill-requested')).toMatchObject({ phase: 'exited', reason: 'killed' });
  });

  it('at its time-out is a failure, also for an agent that restarted since', () => {
    const spec = { image: 'x', timeoutSeconds: 5 };
    expect(concludeExit(ended(143), spec, 'timed-out')).toMatchObject({ phase: 'failed', reason: 'timed-out', exitCode: 143 });
    expect(concludeExit(ended(143), spec, null)).toMatchObject({ phase: 'failed', reason: 'timed-out' });
    expect(concludeExit(ended(143, { finishedAt: 5999 }), spec, null)).toMatchObject({ phase: 'exited', reason: 'signalled' });
  });

  it('is told by the wish where the cause was forgotten', () => {
    expect(concludeExit(ended(143), { image: 'x' }, null, 'stop')).toMatchObject({ reason: 'stopped' });
    expect(concludeExit(ended(137), { image: 'x' }, null, 'kill')).toMatchObject({ reason: 'killed' });
  });
});
