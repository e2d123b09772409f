import { DEFAULT_POLICY } from '@berth/shared/model/host-policy';
import { placementSchema } from '@berth/shared/model/placement';
import { describe, expect, test } from 'vitest';
import type { PendingRun } from './model.ts';
import { GIB, host, now, plan, run } from './scheduler.test-data.ts';

describe('a run that cannot be placed says why', () => {
  test('no host at all', () => {
    expect(plan([run(1)], []).waiting[0]?.waiting).toMatchObject({
      reason: 'no-host',
      message: expect.stringContaining('no host yet: add one'),
    });
  });

  test('hosts with one cause are told together, the others by name', () => {
    const small = { memoryBytes: GIB };
    const { waiting } = plan(
      [run(1, { memoryBytes: 2 * GIB })],
      [host(1, small), host(2, small), host(3, { ready: false, memoryBytes: GIB })],
    );
    expect(waiting[0]?.waiting).toMatchObject({
      reason: 'no-host-fits',
      message: 'no host fits: 2 of 3 hosts lack 2 GiB of free memory, web-3 is not ready',
    });
  });

  test('a host that would fit is waited for, with the time at which it was last seen', () => {
    const away = { ready: false, connected: false, stateMessage: 'the agent is not connected' };
    expect(plan([run(1)], [host(1, away)]).waiting[0]?.waiting).toMatchObject({
      reason: 'waiting-for-host',
      message: 'waiting for host web-1, last seen 2026-11-23 06:31:12 UTC: the agent is not connected',
    });
  });

  test('a host that counts as lost is waited for only where no other one is ready: then it is told what those lack', () => {
    const lost = { ready: false, connected: false, lost: true, stateMessage: 'it counts as lost' };
    const large = run(1, { memoryBytes: 2 * GIB });
    const small = host(2, { memoryBytes: GIB });
    expect(plan([large], [host(1, lost), small]).waiting[0]?.waiting).toMatchObject({
      reason: 'no-host-fits',
      message: 'no host fits: web-1 is not ready, web-2 lacks 2 GiB of free memory',
    });
    expect(plan([large], [host(1, lost)]).waiting[0]?.waiting.reason).toBe('waiting-for-host');
    expect(plan([large], [host(1, { ...lost, lost: false }), small]).waiting[0]?.waiting.reason).toBe('waiting-for-host');
  });

  test('an engine that does not answer is told in its own words', () => {
    const away = { ready: false, stateMessage: 'the engine does not answer: connect ENOENT' };
    expect(plan([run(1)], [host(1, away)]).waiting[0]?.waiting.message).toBe(
      'waiting for host web-1: the engine does not answer: connect ENOENT',
    );
  });

  test('since stays while the cause does, and begins anew with another one', () => {
    const waiting = { reason: 'no-host', message: '', since: '2026-01-01T00:00:00.000Z', deadline: null, next: '' } as const;
    expect(plan([run(1, { waiting })], []).waiting[0]?.waiting.since).toBe(waiting.since);
    expect(plan([run(1, { waiting })], [host(1, { ready: false })]).waiting[0]?.waiting.since).toBe(now.toISOString());
  });

  test('an agent that does not know what is asked for', () => {
    expect(plan([run(1, { protocol: 4 })], [host(1)]).waiting[0]?.waiting.message).toBe(
      'no host fits: web-1 has an agent too old for what the run asks for: update it',
    );
    expect(plan([run(1, { protocol: 4 })], [host(1), host(2, { protocol: 4 })]).placements[0]?.hostId).toBe('host_2');
  });

  test('a host that is cordoned is passed over, and not waited for', () => {
    expect(plan([run(1)], [host(1), host(2, { cordoned: true })]).placements[0]).toMatchObject({
      hostId: 'host_1',
      placement: { hosts: [{ fits: true }, { refusals: [{ filter: 'cordon', message: 'web-2 is cordoned' }] }] },
    });
    expect(plan([run(1)], [host(1, { cordoned: true, ready: false })]).waiting[0]?.waiting.reason).toBe('no-host-fits');
    const many = plan([run(1)], [host(1, { cordoned: true }), host(2, { cordoned: true }), host(3, { platform: 'windows/amd64' })]);
    expect(many.waiting[0]?.waiting.message).toBe('no host fits: 2 of 3 hosts are cordoned, web-3 runs windows/amd64 and not linux');
  });

  test('a host that does not allow what the run asks for is told by its policy, and one that does gets the run', () => {
    const asks = { privileged: true, mounts: [{ source: '/srv/../etc/passwd', target: '/x', readOnly: true }] };
    expect(plan([run(1, { asks })], [host(1), host(2)]).waiting[0]?.waiting.message).toBe(
      'no host fits: 2 of 2 hosts do not allow privileged containers and mounts of /etc/passwd',
    );
    const policy = { ...DEFAULT_POLICY, privileged: true, mounts: [{ path: '/etc', readOnly: true }] };
    expect(plan([run(1, { asks }), run(2)], [host(1), host(2, { policy })]).placements.map(({ hostId }) => hostId)).toContain('host_2');
    const limited = { ...DEFAULT_POLICY, registries: ['ghcr.io'], mostMemoryBytes: GIB };
    expect(plan([run(1)], [host(1, { policy: limited })]).waiting[0]?.waiting.message).toBe(
      'no host fits: web-1 does not allow images from docker.io and runs that set themselves no limit (1 GiB of memory at most)',
    );
  });

  test('a named host port that is taken', () => {
    const ports: PendingRun['ports'] = [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }];
    const { waiting } = plan([run(1, { ports })], [host(1, { claims: [{ protocol: 'tcp', hostPort: 8080 }] })]);
    expect(waiting[0]?.waiting.message).toBe('no host fits: web-1 has host port 8080/tcp in use');
  });
});

describe('the choice of a host', () => {
  test('the image being there decides between equals', () => {
    const { placements } = plan([run(1)], [host(1), host(2, { images: ['hello-world:latest'] }), host(3)]);
    expect(placements[0]).toMatchObject({
      hostId: 'host_2',
      placement: { message: 'web-2: has the image; best of 3 hosts', considered: 3 },
    });
  });

  test('runs spread over hosts, even where one has the image', () => {
    const hosts = [host(1, { images: ['hello-world:latest'] }), host(2), host(3)];
    const { placements } = plan(
      Array.from({ length: 90 }, (_, n) => run(n)),
      hosts,
    );
    for (const { id } of hosts) expect(placements.filter(({ hostId }) => hostId === id).length).toBeGreaterThan(10);
  });

  test('an older run that fits nowhere does not hold up a younger one', () => {
    const { placements, waiting } = plan([run(1, { cpuMillis: 64_000 }), run(2)], [host(1)]);
    expect([placements.map(({ runId }) => runId), waiting.map(({ runId }) => runId)]).toEqual([[run(2).id], [run(1).id]]);
  });

  test('the record names the chosen host first and keeps within its bounds', () => {
    const hosts = Array.from({ length: 50 }, (_, n) => host(n, n % 2 ? {} : { ready: false, stateMessage: 'the agent is not connected' }));
    const placement = plan([run(1)], hosts).placements[0];
    expect(placementSchema.parse(placement?.placement).hosts[0]?.hostId).toBe(placement?.hostId);
    expect(placement?.placement.hosts.length).toBeLessThanOrEqual(20);
    expect(placement?.placement.hosts.some(({ fits, refusals }) => !fits && refusals.length === 1)).toBe(true);
  });
});

test('10,000 pending runs on 100 hosts are planned in one go, each of them once', { timeout: 60_000 }, () => {
  const pending = Array.from({ length: 10_000 }, (_, n) => run(n, { cpuMillis: n % 3, image: `app-${n % 5}` }));
  const candidates = Array.from({ length: 100 }, (_, n) => host(n));
  const { placements } = plan(pending, candidates);
  expect(new Set(placements.map(({ runId }) => runId)).size).toBe(10_000);
});
