import { describe, expect, test } from 'vitest';
import { compareContainer } from './compare-container.ts';
import type { RunSpec } from './run.ts';

const ports = [{ containerPort: 80, hostPort: 30001, protocol: 'tcp' as const }];
const SPEC: RunSpec = {
  image: 'nginx:1',
  command: ['sh', '-c'],
  args: ['echo a b'],
  env: { COLOUR: 'blue', EMPTY: '' },
  workingDir: '/srv',
  user: '1000',
  hostname: 'web',
  resources: { memory: '64Mi', cpu: '500m', pids: 50 },
  tmpfs: [{ path: '/tmp', size: '1Mi' }, { path: '/run' }],
  extraHosts: { db: '10.0.0.1' },
  init: true,
  readOnlyRootFilesystem: true,
};
const asked = (spec: RunSpec = SPEC) => ({ spec, attempt: { id: 'att_1', ports, restarts: 0 }, runId: 'run_1', digest: 'sha256:d' });

/** As Docker Engine has it after Berth made it. */
const engine = () => ({
  Id: 'c1',
  Name: '/att_1',
  Image: 'sha256:i',
  RestartCount: 0,
  State: { Status: 'running', Running: true },
  Config: {
    Hostname: 'web',
    User: '1000',
    Env: ['COLOUR=blue', 'EMPTY=', 'PATH=/bin', 'NGINX=1=2'],
    Cmd: ['echo a b'],
    Entrypoint: ['sh', '-c'],
    WorkingDir: '/srv',
    StopSignal: 'SIGQUIT',
    Tty: false,
    Labels: { 'berth.attempt': 'att_1', 'berth.run': 'run_1', maintainer: 'somebody' },
    Volumes: { '/data': {} },
  },
  HostConfig: {
    Memory: 64 * 2 ** 20,
    MemorySwap: 64 * 2 ** 20,
    NanoCpus: 500_000_000,
    PidsLimit: 50,
    CpuShares: 0,
    CpuQuota: 0,
    CpusetCpus: '',
    Init: true,
    Privileged: false,
    ReadonlyRootfs: true,
    Tmpfs: { '/tmp': 'size=1048576', '/run': '' } as Record<string, string>,
    ExtraHosts: ['db:10.0.0.1'],
    CapAdd: null as string[] | null,
    RestartPolicy: { Name: 'no' },
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '30001' }] },
  },
  Mounts: [{ Type: 'volume', Name: 'v1', Source: '/x', Destination: '/data', RW: true }],
  NetworkSettings: {
    Ports: {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '30001' },
        { HostIp: '::', HostPort: '30001' },
      ],
      '443/tcp': null,
    } as Record<string, { HostIp: string; HostPort: string }[] | null>,
    Networks: { bridge: { IPAddress: '172.17.0.2' } } as Record<string, { IPAddress: string }>,
  },
});
type Engine = ReturnType<typeof engine>;

const drifted = (change: (has: Engine) => void, spec?: RunSpec) => {
  const has = engine();
  change(has);
  return compareContainer(asked(spec), has).filter(({ drift }) => drift);
};

test('a container as Berth made it has no drift, whatever the image and the engine added', () => {
  expect(drifted(() => undefined)).toEqual([]);
  const rows = compareContainer(asked(), engine());
  expect(rows).toContainEqual({ section: 'environment', name: 'NGINX', asked: null, has: '1=2', drift: false });
  expect(rows).toContainEqual({ section: 'network', name: 'port 80/tcp', asked: '30001', has: '30001', drift: false });
  expect(rows).toContainEqual({ section: 'storage', name: '/data', asked: null, has: 'volume v1', drift: false });
  expect(rows).toContainEqual({ section: 'limits', name: 'CPU', asked: '0.5', has: '0.5', drift: false });
});

test('what was not asked is the image’s and the engine’s to choose', () => {
  const has = engine();
  Object.assign(has.HostConfig, {
    Memory: 0,
    NanoCpus: 0,
    PidsLimit: null,
    Init: null,
    ReadonlyRootfs: false,
    Tmpfs: {},
    ExtraHosts: null,
  });
  expect(compareContainer(asked({ image: 'nginx' }), has).filter(({ drift }) => drift)).toEqual([]);
});

describe('a change behind Berth’s back is drift:', () => {
  const cases: [string, (has: Engine) => void, object][] = [
    ['a new name', (has) => Object.assign(has, { Name: '/mine' }), { name: 'name', asked: 'att_1', has: 'mine' }],
    ['more memory', (has) => Object.assign(has.HostConfig, { Memory: 2 ** 27 }), { name: 'memory', asked: '64Mi', has: '128Mi' }],
    ['no memory limit', (has) => Object.assign(has.HostConfig, { Memory: 0 }), { name: 'memory', asked: '64Mi', has: null }],
    ['swap', (has) => Object.assign(has.HostConfig, { MemorySwap: -1 }), { name: 'memory and swap', has: 'unlimited' }],
    ['CPU', (has) => Object.assign(has.HostConfig, { NanoCpus: 2e9 }), { name: 'CPU', asked: '0.5', has: '2' }],
    ['CPU shares', (has) => Object.assign(has.HostConfig, { CpuShares: 512 }), { name: 'CPU shares', asked: null, has: '512' }],
    ['processes', (has) => Object.assign(has.HostConfig, { PidsLimit: 0 }), { name: 'processes', asked: '50', has: null }],
    [
      'a restart policy',
      (has) => Object.assign(has.HostConfig.RestartPolicy, { Name: 'always' }),
      { name: "the engine's restart policy", has: 'always' },
    ],
    [
      'no network',
      (has) => Object.assign(has.NetworkSettings, { Networks: {} }),
      { name: 'network bridge', asked: 'connected', has: null },
    ],
    [
      'another network',
      (has) => Object.assign(has.NetworkSettings.Networks, { other: { IPAddress: '10.1.0.2' } }),
      { name: 'network other', has: '10.1.0.2' },
    ],
    ['an open input', (has) => Object.assign(has.Config, { OpenStdin: true }), { name: 'standard input', asked: null, has: 'open' }],
    ['a closed port', (has) => Object.assign(has.NetworkSettings, { Ports: {} }), { name: 'port 80/tcp', asked: '30001', has: null }],
    [
      'an environment',
      (has) => Object.assign(has.Config, { Env: ['COLOUR=red', 'EMPTY='] }),
      { name: 'COLOUR', asked: 'blue', has: 'red' },
    ],
    ['an absent variable', (has) => Object.assign(has.Config, { Env: ['COLOUR=blue'] }), { name: 'EMPTY', asked: '', has: null }],
    [
      'a command',
      (has) => Object.assign(has.Config, { Cmd: ['echo', 'a', 'b'] }),
      { name: 'arguments', asked: '["echo a b"]', has: 'echo a b' },
    ],
    [
      'a mount',
      (has) => void has.Mounts.push({ Type: 'bind', Name: '', Source: '/', Destination: '/host', RW: true }),
      { name: '/host', has: 'bind /' },
    ],
    [
      'a file system in memory',
      (has) => Object.assign(has.HostConfig, { Tmpfs: { '/run': '' } }),
      { name: 'in memory /tmp', asked: '1Mi', has: null },
    ],
    ['capabilities', (has) => Object.assign(has.HostConfig, { CapAdd: ['NET_ADMIN'] }), { name: 'more capabilities', has: 'NET_ADMIN' }],
    ['a label', (has) => Object.assign(has.Config.Labels, { 'berth.run': 'run_2' }), { name: 'berth.run', has: 'run_2' }],
  ];
  test.each(cases)('%s', (_, change, row) => {
    expect(drifted(change)).toEqual([expect.objectContaining(row)]);
  });
});

test('what opens the host is compared as it was asked for, through links of the host', () => {
  const spec: RunSpec = {
    image: 'nginx:1',
    privileged: true,
    network: 'host',
    capabilities: { add: ['NET_ADMIN', 'SYS_TIME'], drop: ['KILL'] },
    mounts: [
      { source: '/srv/data', target: '/data' },
      { source: '/etc/ssl/', target: '/ssl', readOnly: true },
    ],
  };
  const has = {
    Config: { Labels: { 'berth.mount:/data': '/mnt/disk/data' } },
    HostConfig: { Privileged: true, CapAdd: ['CAP_SYS_TIME', 'NET_ADMIN'], CapDrop: ['KILL'] },
    Mounts: [
      { Type: 'bind', Source: '/mnt/disk/data', Destination: '/data', RW: true },
      { Type: 'bind', Source: '/etc/ssl', Destination: '/ssl', RW: false },
    ],
    NetworkSettings: { Networks: { host: {} } },
  };
  const of = (engine: object, section: string) =>
    compareContainer(asked(spec), { ...has, ...engine })
      .filter((row) => row.section === section && row.drift)
      .map(({ name }) => name);
  expect([of({}, 'process'), of({}, 'storage')]).toEqual([[], []]);
  expect(compareContainer(asked(spec), has).find(({ name }) => name === 'network host')).toMatchObject({ drift: false });
  expect(compareContainer(asked(spec), has).find(({ name }) => name === '/ssl')?.has).toBe('host /etc/ssl, read-only');
  const elsewhere = [{ Type: 'bind', Source: '/etc', Destination: '/data', RW: true }];
  expect(of({ Mounts: elsewhere }, 'storage')).toEqual(['/data', '/ssl']);
  expect(of({ HostConfig: { Privileged: false } }, 'process')).toEqual(['privileged', 'more capabilities', 'fewer capabilities']);
});

test('an ended container’s ports are those that it would open', () => {
  expect(
    drifted((has) => {
      has.State = { Status: 'exited', Running: false };
      has.NetworkSettings.Ports = {};
    }),
  ).toEqual([]);
});

test('an engine that says something else entirely is compared as far as it goes', () => {
  const rows = compareContainer(asked(), { Name: 7, Config: 'none', HostConfig: { Memory: 'much', NanoCpus: 500_000_000 } });
  expect(rows).toContainEqual({ section: 'limits', name: 'CPU', asked: '0.5', has: '0.5', drift: false });
  expect(rows).toContainEqual({ section: 'limits', name: 'memory', asked: '64Mi', has: null, drift: true });
});

test('the network of its workspace and its volumes are what its agent wrote on it', () => {
  const spec: RunSpec = { ...SPEC, volumes: [{ volume: 'data', target: '/data', readOnly: true }] };
  const has = engine();
  const labels = { 'berth.network': 'berth-ws_1', 'berth.volume:/data': 'berth-vol_1' };
  Object.assign(has.Config.Labels, labels);
  has.Mounts = [{ Type: 'volume', Name: 'berth-vol_1', Source: '/x', Destination: '/data', RW: false }];
  const joined = { 'berth-ws_1': { IPAddress: '10.1.0.2', Aliases: ['web', 'c1', 'shop'] } };
  const rows = (networks: object) =>
    compareContainer(asked(spec), { ...has, NetworkSettings: { ...has.NetworkSettings, Networks: networks } });
  expect(rows(joined).filter(({ drift }) => drift)).toEqual([]);
  expect(rows(joined)).toContainEqual({ section: 'network', name: 'found there as', asked: null, has: 'shop', drift: false });
  expect(rows(joined)).toContainEqual({
    section: 'storage',
    name: '/data',
    asked: 'volume data, read-only',
    has: 'volume data, read-only',
    drift: false,
  });
  expect(rows({ bridge: { IPAddress: '172.17.0.2' } }).filter(({ drift }) => drift)).toMatchObject([
    { name: 'network berth-ws_1', asked: 'connected', has: null },
    { name: 'network bridge', asked: null, has: '172.17.0.2' },
  ]);
  has.Mounts = [{ Type: 'volume', Name: 'other', Source: '/x', Destination: '/data', RW: true }];
  expect(rows(joined).filter(({ drift }) => drift)).toMatchObject([{ name: '/data', has: 'volume other' }]);
});
