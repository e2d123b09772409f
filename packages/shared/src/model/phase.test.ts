import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVE_PHASES, isTerminal, PHASES, type Phase, TERMINAL_PHASES, TRANSITIONS, transition, transitionOfLives } from './phase.ts';

const anyPhase = fc.constantFrom(...PHASES);

describe('the table of phases', () => {
  it('only leads forward', () => {
    for (const from of PHASES) for (const to of TRANSITIONS[from]) expect(PHASES.indexOf(to)).toBeGreaterThan(PHASES.indexOf(from));
  });

  it('lets every phase that is not an end reach an end, and no end reach anything', () => {
    for (const phase of ACTIVE_PHASES) expect(TRANSITIONS[phase].some(isTerminal), phase).toBe(true);
    for (const phase of TERMINAL_PHASES) expect(TRANSITIONS[phase]).toEqual([]);
  });

  it('answers stale to what is older and never lets an end change', () => {
    expect(transition('running', 'pulling')).toBe('stale');
    expect(transition('exited', 'running')).toBe('stale');
    expect(transition('exited', 'exited')).toBe('stale');
    expect(transition('exited', 'failed')).toBe('illegal');
    expect(transition('running', 'cancelled')).toBe('illegal');
    expect(transition('queued', 'running')).toBe('illegal');
    expect(transition('running', 'running')).toBe('same');
    expect(transition('assigned', 'exited')).toBe('ok');
  });

  it('whatever order reports come in and however often, the phase never moves backwards and an end stays', () => {
    fc.assert(
      fc.property(fc.array(anyPhase, { maxLength: 40 }), (reports) => {
        let phase: Phase = 'queued';
        for (const report of reports) {
          const before: Phase = phase;
          if (transition(before, report) === 'ok') phase = report;
          expect(PHASES.indexOf(phase)).toBeGreaterThanOrEqual(PHASES.indexOf(before));
          if (isTerminal(before)) expect(phase).toBe(before);
        }
      }),
    );
  });

  it('nor does the pair of restarts and phase', () => {
    const any = fc.record({ restarts: fc.integer({ min: 0, max: 3 }), phase: anyPhase });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (reports) => {
        let now = { restarts: 0, phase: 'running' as Phase };
        for (const report of reports) {
          const before = now;
          if (transitionOfLives(before, report) === 'ok') now = report;
          if (isTerminal(before.phase)) expect(now).toEqual(before);
          const rank = ({ restarts, phase }: typeof now) => restarts * PHASES.length + PHASES.indexOf(phase);
          expect(rank(now)).toBeGreaterThanOrEqual(rank(before));
        }
      }),
    );
    expect(transitionOfLives({ restarts: 0, phase: 'running' }, { restarts: 1, phase: 'restarting' })).toBe('ok');
    expect(transitionOfLives({ restarts: 0, phase: 'running' }, { restarts: 2, phase: 'running' })).toBe('ok');
    expect(transitionOfLives({ restarts: 1, phase: 'restarting' }, { restarts: 0, phase: 'exited' })).toBe('illegal');
  });
});
