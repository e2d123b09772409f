import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVE_PHASES, isTerminal, PHASES, type Phase, TERMINAL_PHASES, TRANSITIONS, transition } from './phase.ts';

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
});
