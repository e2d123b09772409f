import { describe, expect, it } from 'vitest';
import { aRevision, aService } from './a-service.test-data.ts';
import { lastGoodOf, reasonAgainst, reasonAgainstRevision } from './service-actions.ts';

describe('reasonAgainst', () => {
  it('a promotion, unless a canary waits', () => {
    expect(reasonAgainst('promote', aService())).toBe('No canary waits: there is nothing to promote.');
    expect(reasonAgainst('promote', aService({}, { rollout: 'canary' }))).toBeNull();
  });
  it('a change of the count, where an autoscaler makes it', () => {
    expect(reasonAgainst('scale', aService())).toBeNull();
    expect(reasonAgainst('scale', aService({ autoscale: { min: 1, max: 2, cpuPercent: 50 } }))).toContain('autoscaler');
  });
  it('a pause of what is paused, and the other way round', () => {
    expect(reasonAgainst('pause', aService({ paused: true }))).not.toBeNull();
    expect(reasonAgainst('resume', aService())).not.toBeNull();
    expect(reasonAgainst('resume', aService({ paused: true }))).toBeNull();
  });
  it('another try of what has not failed', () => {
    expect(reasonAgainst('retry', aService())).not.toBeNull();
    expect(reasonAgainst('retry', aService({}, { rollout: 'failed' }))).toBeNull();
    expect(reasonAgainst('retry', aService({}, { rollout: 'rolled-back' }))).toBeNull();
  });
});

describe('going back', () => {
  const service = aService({}, { revision: 3, targetRevision: 3 });
  it('goes to the newest other revision that was available as a whole', () => {
    const revisions = [aRevision(4, false), aRevision(3, true), aRevision(2, true), aRevision(1, true)];
    expect(lastGoodOf(service, revisions)?.number).toBe(2);
    expect(lastGoodOf(service, [aRevision(3, true)])).toBeNull();
    expect(lastGoodOf(service, undefined)).toBeNull();
  });
  it('does not go to the present one', () => {
    expect(reasonAgainstRevision(service, aRevision(3, true))).toBe('It is the present one.');
    expect(reasonAgainstRevision(aService({}, { revision: 3, targetRevision: 2 }), aRevision(3, false))).toContain('retry');
    expect(reasonAgainstRevision(service, aRevision(2, false))).toBeNull();
  });
});
