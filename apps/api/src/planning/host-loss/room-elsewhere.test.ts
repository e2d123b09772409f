import { describe, expect, it } from 'vitest';
import { GIB, host, now, QUIET, run, seed } from '../scheduler/scheduler.test-data.ts';
import type { GivenUp } from './model.ts';
import { lackingRoomElsewhere } from './room-elsewhere.ts';

const given = (runId: string): GivenUp => ({
  workspaceId: 'ws_1',
  attemptId: `att_${runId}`,
  runId,
  hostId: 'host_9',
  lastSeenAt: 0,
  reason: 'host-lost',
  message: 'host web-9 counts as lost',
  again: true,
  onlyWithRoom: true,
});
const large = run(1, { memoryBytes: 6 * GIB });
const other = run(2, { memoryBytes: 6 * GIB });
const surroundings = QUIET;

describe('runs of a lost host', () => {
  it('that fit are not held back, those that come first before the others', () => {
    const lacking = lackingRoomElsewhere([given(large.id), given(other.id)], {
      pending: [other, large],
      hosts: [host(1)],
      surroundings,
      now,
      seed,
    });
    expect(lacking).toMatchObject([
      { runId: other.id, message: 'host web-9 counts as lost; it has no place elsewhere: no host fits: web-1 lacks 6 GiB of free memory' },
    ]);
  });

  it('find none where what waits already takes the room first', () => {
    const urgent = run(3, { memoryBytes: 6 * GIB, priority: 5 });
    const input = { pending: [urgent, large], hosts: [host(1)], surroundings, now, seed };
    expect(lackingRoomElsewhere([given(large.id)], input)).toHaveLength(1);
  });

  it('say so where there is no other host', () => {
    expect(lackingRoomElsewhere([given(large.id)], { pending: [large], hosts: [], surroundings, now, seed })).toMatchObject([
      { message: 'host web-9 counts as lost; it has no place elsewhere: there is no other host' },
    ]);
  });
});
