import { describe, expect, it, test } from 'vitest';
import { type Counters, cgroupPaths, ioOfVersion1, ioOfVersion2, keyed, sampleBetween, trafficOf } from './counters.ts';

describe('what the kernel writes', () => {
  it('is read by name, at the beginning, in the middle and not at all', () => {
    const text = 'usage_usec 12\nuser_usec 7\ninactive_file 4096\n';
    expect(['usage_usec', 'user_usec', 'inactive_file', 'file', 'usec'].map((name) => keyed(text, name))).toEqual([12, 7, 4096, 0, 0]);
  });

  it('is summed over the devices', () => {
    expect(ioOfVersion2('8:0 rbytes=10 wbytes=20 rios=1 wios=2\n259:0 rbytes=1 wbytes=2 rios=0 wios=0 dbytes=9 dios=1\n')).toEqual({
      readBytes: 11,
      writtenBytes: 22,
    });
    expect(ioOfVersion1('8:0 Read 10\n8:0 Write 20\n8:0 Sync 5\n8:16 Read 1\n8:16 Write 2\nTotal 33\n')).toEqual({
      readBytes: 11,
      writtenBytes: 22,
    });
    const dev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     999       9    0    0    0     0          0         0      999       9    0    0    0     0       0          0
  eth0: 1000       5    0    0    0     0          0         0     2000       5    0    0    0     0       0          0
  eth1:30 5 0 0 0 0 0 0 40 5 0 0 0 0 0 0
`;
    expect(trafficOf(dev)).toEqual({ receivedBytes: 1030, sentBytes: 2040 });
  });

  it('says where the cgroups are', () => {
    const paths = cgroupPaths('12:cpu,cpuacct:/docker/a:b\n3:memory:/docker/a:b\n0::/system.slice/docker-a.scope\n');
    expect([paths.get('cpuacct'), paths.get('memory'), paths.get('')]).toEqual([
      '/docker/a:b',
      '/docker/a:b',
      '/system.slice/docker-a.scope',
    ]);
  });
});

const counters = (change: Partial<Counters>): Counters => ({
  at: 0,
  cpuNanoseconds: 0,
  memoryBytes: 0,
  receivedBytes: 0,
  sentBytes: 0,
  readBytes: 0,
  writtenBytes: 0,
  pids: 1,
  ...change,
});

test('rates are means over the time between, and a counter that began anew counts from 0', () => {
  const before = counters({ cpuNanoseconds: 1e9, receivedBytes: 500 });
  const now = counters({ at: 2000, cpuNanoseconds: 2e9, receivedBytes: 100, memoryBytes: 7, pids: 3 });
  const at = new Date('2026-11-24T12:00:00.000Z');
  expect(sampleBetween(before, now, at)).toMatchObject({
    cpuMillis: 500,
    receivedBytes: 50,
    memoryBytes: 7,
    pids: 3,
    at: at.toISOString(),
  });
  expect(sampleBetween(before, counters({ at: 50 }), at)).toBeNull();
});
