import { describe, expect, it } from 'vitest';
import { SendingPace } from './sending-pace.ts';

describe('SendingPace', () => {
  it('hardly rests where hardly anything is sent', () => {
    const pace = new SendingPace();
    expect(pace.restAfter(0.1, 0)).toBeCloseTo(0.1);
    expect(pace.restAfter(0.1, 1000)).toBeCloseTo(0.1);
  });

  it('rests for what all rooms have sent of late, up to 32 ms', () => {
    const pace = new SendingPace();
    for (let room = 0; room < 15; room++) pace.restAfter(3, room * 3);
    expect(pace.restAfter(3, 45)).toBeGreaterThan(25);
    for (let room = 0; room < 15; room++) pace.restAfter(3, 50 + room * 3);
    expect(pace.restAfter(3, 95)).toBe(32);
  });
});
