import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BRAKE_FACTOR, lossDueAt } from './loss-due.ts';
import type { Fleet, LossInput, SilentHost, StrandedAttempt } from './model.ts';
import { planHostLoss } from './plan-host-loss.ts';

const NOW = Date.parse('2026-11-23T06:31:12.000Z');
const LOST_SECONDS = 300;
const ago = (seconds: number) => NOW - seconds * 1000;

const silent = (change: Partial<SilentHost> = {}): SilentHost => ({
  id: 'host_1',
  name: 'web-1',
  workspaceId: 'ws_1',
  lastSeenAt: ago(301),
  silentSince: ago(301),
  lost: false,
  told: false,
  goneBy: null,
  braked: false,
  dueAt: null,
  ...change,
});
const attempt = (change: Partial<StrandedAttempt> = {}): StrandedAttempt => ({
  id: 'att_1',
  runId: 'run_1',
  hostId: 'host_1',
  onHostLost: 'replace',
  lostAfterSeconds: null,
  desired: 'run',
  ...change,
});
const fleet = (change: Partial<Fleet> = {}): Fleet => ({ workspaceId: 'ws_1', hosts: 3, silent: 1, ...change });
const plan = (change: Partial<LossInput> = {}) =>
  planHostLoss({ now: NOW, lostSeconds: LOST_SECONDS, silent: [silent()], attempts: [attempt()], fleets: [fleet()], ...change });

describe('a silent host', () => {
  it('counts as lost after its time, and not before', () => {
    expect(plan().lost).toEqual([{ hostId: 'host_1', lastSeenAt: ago(301) }]);
    const early = plan({ silent: [silent({ silentSince: ago(299) })] });
    expect(early).toEqual({ dues: [{ hostId: 'host_1', braked: false }], lost: [], givenUp: [] });
  });

  it('is judged from when it could have been heard, not from its last sign: nobody listened in between', () => {
    const away = silent({ lastSeenAt: ago(86_400), silentSince: ago(10) });
    expect(plan({ silent: [away] })).toMatchObject({ lost: [], givenUp: [] });
  });

  it('is told nothing new while what is written is so', () => {
    const silentSince = ago(100);
    const dueAt = lossDueAt(silentSince, LOST_SECONDS, false);
    expect(plan({ silent: [silent({ silentSince, dueAt })] }).dues).toEqual([]);
    expect(plan({ silent: [silent({ lost: true, told: true })], attempts: [] })).toEqual({ dues: [], lost: [], givenUp: [] });
    expect(plan({ silent: [silent({ lost: true })], attempts: [] }).dues).toHaveLength(1);
  });

  it('is looked at for longer where most of the workspace fell silent together, and counts as lost after that', () => {
    const hosts = ['host_1', 'host_2'].map((id) => silent({ id }));
    const fleets = [fleet({ silent: 2 })];
    const held = plan({ silent: hosts, fleets });
    expect(held.lost).toEqual([]);
    expect(held.givenUp).toEqual([]);
    expect(held.dues).toEqual(hosts.map(({ id }) => ({ hostId: id, braked: true })));
    const later = ago(LOST_SECONDS * BRAKE_FACTOR);
    expect(plan({ silent: hosts.map((host) => ({ ...host, silentSince: later })), fleets }).lost).toHaveLength(2);
  });

  it('is looked at for longer where most hosts of all workspaces fell silent together', () => {
    const fleets = [fleet(), ...['ws_2', 'ws_3', 'ws_4'].map((workspaceId) => fleet({ workspaceId, hosts: 1, silent: 1 }))];
    expect(plan({ fleets }).lost).toEqual([]);
    expect(plan({ fleets: fleets.slice(0, 2) }).lost).toHaveLength(1);
  });

  it('of which a person says that it is gone has no brake', () => {
    const gone = silent({ lost: true, told: true, goneBy: 'user:ada@example.com', silentSince: ago(20), lastSeenAt: ago(20) });
    const { givenUp } = plan({ silent: [gone], fleets: [fleet({ silent: 3 })] });
    expect(givenUp).toMatchObject([
      { again: true, onlyWithRoom: false, reason: 'host-gone', message: 'ada@example.com said that host web-1 is gone' },
    ]);
  });
});

describe('an attempt on a lost host', () => {
  it('is given up and its run placed again, with the reason', () => {
    expect(plan().givenUp).toEqual([
      {
        workspaceId: 'ws_1',
        attemptId: 'att_1',
        runId: 'run_1',
        hostId: 'host_1',
        lastSeenAt: ago(301),
        reason: 'host-lost',
        message: 'host web-1 counts as lost: nothing was heard of it since 2026-11-23 06:26:11 UTC',
        again: true,
        onlyWithRoom: true,
      },
    ]);
  });

  it('waits where its run says so, until a person says that the host is gone', () => {
    expect(plan({ attempts: [attempt({ onHostLost: 'wait' })] }).givenUp).toEqual([]);
    const gone = silent({ lost: true, goneBy: 'user:ada@example.com' });
    expect(plan({ silent: [gone], attempts: [attempt({ onHostLost: 'wait' })] }).givenUp).toMatchObject([{ again: false }]);
  });

  it('has the time of its run, shorter or longer than that of its host', () => {
    const host = silent({ silentSince: ago(60) });
    expect(plan({ silent: [host], attempts: [attempt({ lostAfterSeconds: 60 })] }).givenUp).toHaveLength(1);
    const lost = silent({ lost: true });
    expect(plan({ silent: [lost], attempts: [attempt({ lostAfterSeconds: 3600 })] }).givenUp).toEqual([]);
  });

  it('whose end was asked for ends, and is not placed again', () => {
    for (const desired of ['stop', 'kill'] as const) {
      expect(plan({ attempts: [attempt({ desired })] }).givenUp).toMatchObject([{ again: false, reason: 'host-lost' }]);
    }
  });

  it('that is held still waits', () => {
    expect(plan({ attempts: [attempt({ desired: 'pause' })] }).givenUp).toEqual([]);
  });
});

describe('whatever is silent', () => {
  const workspaces = ['ws_1', 'ws_2'];
  const anyHost = fc.record({
    workspaceId: fc.constantFrom(...workspaces),
    silentFor: fc.integer({ min: 0, max: 2000 }),
    unheardFor: fc.integer({ min: 0, max: 5000 }),
    lost: fc.boolean(),
    gone: fc.boolean(),
  });
  const anyAttempt = fc.record({
    host: fc.nat(20),
    onHostLost: fc.constantFrom<StrandedAttempt['onHostLost'][]>('wait', 'replace'),
    lostAfterSeconds: fc.option(fc.integer({ min: 10, max: 3000 })),
    desired: fc.constantFrom<StrandedAttempt['desired'][]>('run', 'pause', 'stop', 'kill'),
  });
  const anyInput = fc
    .record({
      hosts: fc.array(anyHost, { minLength: 1, maxLength: 8 }),
      attempts: fc.array(anyAttempt, { maxLength: 12 }),
      heard: fc.array(fc.constantFrom(...workspaces), { maxLength: 8 }),
    })
    .map(({ hosts, attempts, heard }): LossInput => {
      const silentHosts = hosts.map(({ workspaceId, silentFor, unheardFor, lost, gone }, index) => {
        const seen = ago(silentFor + unheardFor);
        const goneBy = lost && gone ? 'user:ada@example.com' : null;
        return silent({ id: `host_${index}`, workspaceId, silentSince: ago(silentFor), lastSeenAt: seen, lost, told: lost, goneBy });
      });
      return {
        now: NOW,
        lostSeconds: LOST_SECONDS,
        silent: silentHosts,
        attempts: attempts.map(({ host, ...rest }, index) =>
          attempt({ ...rest, id: `att_${index}`, runId: `run_${index}`, hostId: `host_${host % hosts.length}` }),
        ),
        fleets: workspaces.map((workspaceId) => {
          const ready = heard.filter((of) => of === workspaceId).length;
          const missing = silentHosts.filter((host) => host.workspaceId === workspaceId && !host.lost).length;
          return { workspaceId, hosts: ready + missing, silent: missing };
        }),
      };
    });
  const hostOf = (input: LossInput, id: string) => input.silent.find((host) => host.id === id) ?? silent();

  it('an attempt that waits is given up only by the word of a person, and never placed again', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const waits = new Set(input.attempts.filter(({ onHostLost }) => onHostLost === 'wait').map(({ id }) => id));
        for (const { attemptId, hostId, again } of planHostLoss(input).givenUp) {
          if (!waits.has(attemptId)) continue;
          expect(again).toBe(false);
          expect(hostOf(input, hostId).goneBy).not.toBeNull();
        }
      }),
    );
  });

  it('nothing is given up before its time, however long ago its last sign was', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const { attemptId, hostId } of planHostLoss(input).givenUp) {
          const host = hostOf(input, hostId);
          const own = input.attempts.find(({ id }) => id === attemptId)?.lostAfterSeconds ?? LOST_SECONDS;
          if (host.goneBy === null) expect(NOW - host.silentSince).toBeGreaterThanOrEqual(own * 1000);
        }
      }),
    );
  });

  it('where most hosts of a workspace are silent together, none is lost before three times its time', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const { hostId } of planHostLoss(input).lost) {
          const host = hostOf(input, hostId);
          const of = input.fleets.find(({ workspaceId }) => workspaceId === host.workspaceId);
          if (of && of.silent >= 2 && of.silent * 2 > of.hosts) {
            expect(NOW - host.silentSince).toBeGreaterThanOrEqual(BRAKE_FACTOR * LOST_SECONDS * 1000);
          }
        }
      }),
    );
  });

  it('a run is placed again without room elsewhere only where a person says that its host is gone', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const { hostId, again, onlyWithRoom } of planHostLoss(input).givenUp) {
          if (again && !onlyWithRoom) expect(hostOf(input, hostId).goneBy).not.toBeNull();
        }
      }),
    );
  });

  it('what was carried out is not planned again, and the order of the input does not matter', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const first = planHostLoss(input);
        const lost = new Set(first.lost.map(({ hostId }) => hostId));
        const dues = new Map(first.dues.map(({ hostId, braked }) => [hostId, braked]));
        const given = new Set(first.givenUp.map(({ attemptId }) => attemptId));
        const after: LossInput = {
          ...input,
          silent: input.silent.map((host) => {
            const braked = dues.get(host.id) ?? host.braked;
            const isLost = host.lost || lost.has(host.id);
            return { ...host, braked, lost: isLost, told: isLost, dueAt: lossDueAt(host.silentSince, LOST_SECONDS, braked) };
          }),
          attempts: input.attempts.filter(({ id }) => !given.has(id)),
        };
        const byId = (a: { hostId: string }, b: { hostId: string }) => (a.hostId < b.hostId ? -1 : 1);
        expect(planHostLoss(after)).toMatchObject({ dues: [], lost: [] });
        const reversed = planHostLoss({ ...input, silent: input.silent.toReversed(), fleets: input.fleets.toReversed() });
        expect(reversed.lost.toSorted(byId)).toEqual(first.lost.toSorted(byId));
      }),
    );
  });
});
