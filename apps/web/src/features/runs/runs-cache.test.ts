import type { BerthEvent } from '@berth/shared/events/event';
import { describe, expect, it } from 'vitest';
import { aRun } from './a-run.test-data.ts';
import { applyToPages, fitsPhase, mergeHead, newerRun, type Pages, replaceEnd, rowsOf } from './runs-cache.ts';

const AT = '2026-11-23T12:00:05.000Z';
const pages = (...ids: string[][]): Pages => ({
  pages: ids.map((page) => ({ items: page.map((id) => aRun({ id })), next: null, cursor: '0.0' })),
  pageParams: ids.map(() => undefined),
});
const phase = (id: string, to: 'pulling' | 'running' | 'exited', exitCode: number | null = null): BerthEvent => ({
  type: 'run.phase',
  kind: 'Run',
  id,
  cursor: '1.1',
  at: AT,
  data: { phase: to, reason: 'running', message: 'so', attemptId: null, hostId: 'host_1', exitCode },
});
const ids = (data: Pages) => rowsOf(data).map((run) => run.metadata.id);

it('the end of a list with the oldest first grows, and what is before it stays', () => {
  const before = pages(['a', 'b'], ['c']);
  const after = replaceEnd(before, { items: [aRun({ id: 'c' }), aRun({ id: 'd' })], next: null, cursor: '0.0' });
  expect(ids(after)).toEqual(['a', 'b', 'c', 'd']);
  expect(after.pages[0]).toBe(before.pages[0]);
});

describe('events in the lists', () => {
  it('bring a run forward, with its times and its host', () => {
    const to = {
      phase: 'assigned',
      reason: 'waiting-for-agent',
      message: 'so',
      attemptId: 'att_1',
      hostId: 'host_1',
      exitCode: null,
    } as const;
    const placed: BerthEvent = { type: 'run.phase', kind: 'Run', id: 'a', cursor: '1.0', at: AT, data: { ...to, hostName: 'web-1' } };
    const data = applyToPages(pages(['b', 'a']), [placed, phase('a', 'running'), phase('a', 'exited', 3)]);
    expect(rowsOf(data)[1]?.status).toMatchObject({ phase: 'exited', exitCode: 3, startedAt: AT, finishedAt: AT, hostName: 'web-1' });
  });

  it('bring a new name and new labels', () => {
    const data = { actor: 'you', name: { from: 'web', to: 'shop' }, labels: { team: 'red' } };
    const updated: BerthEvent = { type: 'run.updated', kind: 'Run', id: 'a', cursor: '1.2', at: AT, data };
    expect(rowsOf(applyToPages(pages(['a']), [updated]))[0]?.metadata).toMatchObject({ name: 'shop', labels: { team: 'red' } });
  });

  it('never bring a run back', () => {
    const data = applyToPages(pages(['a']), [phase('a', 'exited', 0), phase('a', 'pulling')]);
    expect(rowsOf(data)[0]?.status.phase).toBe('exited');
  });

  it('let a run begin anew with another attempt', () => {
    const lost = { attemptId: 'att_1', number: 1, hostId: 'host_1', reason: 'host-lost', message: 'host web-1 counts as lost' } as const;
    const replacing: BerthEvent = { type: 'run.replacing', kind: 'Run', id: 'a', cursor: '1.2', at: AT, data: lost };
    const queued = applyToPages(pages(['a']), [phase('a', 'running'), replacing]);
    expect(rowsOf(queued)[0]?.status).toMatchObject({ phase: 'queued', hostId: null, startedAt: null, phaseTimes: { queued: AT } });
    expect(rowsOf(applyToPages(queued, [phase('a', 'running')]))[0]?.status.phase).toBe('running');
  });

  it('take a removed run away, and leave the same object where nothing is new', () => {
    const before = pages(['b', 'a']);
    const removed: BerthEvent = { type: 'run.deleted', kind: 'Run', id: 'b', cursor: '1.2', at: AT, data: { actor: 'you' } };
    expect(ids(applyToPages(before, [removed]))).toEqual(['a']);
    expect(applyToPages(before, [phase('elsewhere', 'running')])).toBe(before);
  });
});

describe('a first page that was read again', () => {
  it('leaves the objects that say the same, and what an event has brought forward meanwhile', () => {
    const before = applyToPages(pages(['c', 'b'], ['a']), [phase('b', 'running')]);
    const after = mergeHead(before, { items: [aRun({ id: 'c' }), aRun({ id: 'b' })], next: 'b', cursor: '1.1' });
    expect(after.pages[0]?.items[0]).toBe(before.pages[0]?.items[0]);
    expect(after.pages[0]?.items[1]?.status.phase).toBe('running');
    expect(after.pages[1]).toBe(before.pages[1]);
  });

  it('adds what is new before what is there, and leaves later pages where they are', () => {
    const head = { items: ['f', 'e', 'd'].map((id) => aRun({ id })), next: 'd', cursor: '2.0' };
    expect(ids(mergeHead(pages(['e', 'd', 'c'], ['b', 'a']), head))).toEqual(['f', 'e', 'd', 'c', 'b', 'a']);
  });

  it('takes away what it no longer holds within its span, and all it does not hold when it is the whole list', () => {
    const head = { items: ['f', 'd'].map((id) => aRun({ id })), next: 'd', cursor: '2.0' };
    expect(ids(mergeHead(pages(['f', 'e', 'd', 'c']), head))).toEqual(['f', 'd', 'c']);
    expect(ids(mergeHead(pages(['f', 'e', 'd', 'c']), { ...head, next: null }))).toEqual(['f', 'd']);
  });
});

it('a patched run leaves a list that is filtered by another phase', () => {
  expect(fitsPhase(aRun({}, { phase: 'running' }), { phase: 'queued,running' })).toBe(true);
  expect(fitsPhase(aRun({}, { phase: 'exited' }), { phase: 'queued,running' })).toBe(false);
});

it('an answer that was asked for before a push and comes after it does not take its place', () => {
  const at = (resourceVersion: string) => {
    const run = aRun({ id: 'a' });
    return { ...run, metadata: { ...run.metadata, resourceVersion } };
  };
  const [old, young] = [at('9'), at('10')];
  expect(newerRun(young, old)).toBe(young);
  expect(newerRun(old, young)).toBe(young);
  expect(newerRun(undefined, old)).toBe(old);
});
