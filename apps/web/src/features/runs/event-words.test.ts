import { describe, expect, it } from 'vitest';
import { describeEvent } from './event-words.ts';

describe('events in words', () => {
  it('say who changed what', () => {
    const updated = (data: { name?: { from: string; to: string }; labels?: Record<string, string> }) =>
      describeEvent({ type: 'run.updated', data: { actor: 'user:ada@example.com', ...data } }).text;
    expect(updated({ name: { from: 'a', to: 'b' } })).toBe('ada@example.com renamed it from a to b');
    expect(updated({ labels: { team: 'red', hot: '' } })).toBe('ada@example.com set its labels to team=red, hot');
    expect(updated({ name: { from: 'a', to: 'b' }, labels: {} })).toBe('ada@example.com renamed it from a to b and took all labels off');
  });

  it('tell an end by its exit code', () => {
    const data = {
      phase: 'exited',
      reason: 'completed',
      message: 'exited with code 3',
      attemptId: null,
      hostId: null,
      exitCode: 3,
    } as const;
    expect(describeEvent({ type: 'run.phase', data })).toMatchObject({ kind: 'phase', look: { word: 'Exited (3)', tone: 'red' } });
  });
});
