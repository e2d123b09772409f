import { describe, expect, it } from 'vitest';
import { until } from './until.ts';

describe('until', () => {
  it('returns what the condition returned', async () => {
    let looks = 0;
    expect(await until(() => (++looks < 3 ? undefined : looks), { what: 'the third look' })).toBe(3);
  });

  it('takes an error of the condition for "not yet"', async () => {
    let looks = 0;
    const look = () => {
      if (++looks < 3) throw new Error('too early');
      return 'there';
    };
    expect(await until(look, { what: 'it to be there' })).toBe('there');
  });

  it('says what it last saw when the time is up', async () => {
    const look = () => {
      throw new Error('connection refused');
    };
    const waiting = until(look, { what: 'the server', timeoutMs: 20, describe: () => ({ phase: 'starting' }) });
    await expect(waiting).rejects.toThrow(
      /timed out waiting for the server; last state: \{\s*"phase": "starting"\s*\}; last error: connection refused/,
    );
  });

  it('ends at once when it can never come true', async () => {
    const waiting = until(() => false, { what: 'the server', timeoutMs: 60_000, failed: () => 'it ended with 1' });
    await expect(waiting).rejects.toThrow('waiting for the server is in vain: it ended with 1');
  });
});
