import { describe, expect, it } from 'vitest';
import { createRunSchema, runSpecSchema } from './run.ts';

const issues = (input: unknown) =>
  runSpecSchema.safeParse(input).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

describe('the spec of a run', () => {
  it('takes hello-world with nothing else', () => {
    expect(createRunSchema.parse({ spec: { image: 'hello-world' } })).toEqual({ spec: { image: 'hello-world' } });
  });

  it('refuses unknown fields by name', () => {
    const error = createRunSchema.safeParse({ spec: { image: 'a', volume: 1 } }).error;
    expect(error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['volume'], path: ['spec'] });
  });

  it('names the field of each fault, all at once', () => {
    expect(
      issues({
        image: 'Bad Image',
        env: { 'A=B': '1' },
        workingDir: 'relative',
        ports: [{ containerPort: 0 }, { containerPort: 80, hostPort: 8080 }, { containerPort: 81, hostPort: 8080 }],
        resources: { memory: '1Mi' },
        stopSignal: 'SIGNOPE',
        timeoutSeconds: 0,
      }).map((line) => line.split(':')[0]),
    ).toEqual([
      'image',
      'env.A=B',
      'workingDir',
      'ports.0.containerPort',
      'ports.2.hostPort',
      'resources.memory',
      'stopSignal',
      'timeoutSeconds',
    ]);
    expect(
      issues({
        image: 'a',
        ports: [
          { containerPort: 80, hostPort: 1 },
          { containerPort: 81, hostPort: 1 },
        ],
      }),
    ).toEqual(['ports.1.hostPort: host port 1/tcp is named twice']);
  });

  it('says what is wrong with host names, addresses and file systems in memory', () => {
    const spec = {
      image: 'a',
      hostname: '-a',
      extraHosts: { 'a b': '10.0.0.1', db: 'elsewhere' },
      tmpfs: [{ path: 'tmp' }, { path: '/a' }, { path: '/b', size: '0' }],
      resources: { pids: 0 },
    };
    expect(issues(spec).map((issue) => issue.split(':')[0])).toEqual([
      'resources.pids',
      'hostname',
      'tmpfs.0.path',
      'tmpfs.2.size',
      'extraHosts.a b',
      'extraHosts.db',
    ]);
    expect(issues({ image: 'a', tmpfs: [{ path: '/a' }, { path: '/a' }] })).toEqual(['tmpfs.1.path: /a is named twice']);
    expect(issues({ image: 'a', extraHosts: { host: 'host-gateway', six: 'fe80::1' }, tmpfs: [{ path: '/a', size: '64Ki' }] })).toEqual([]);
  });

  it('volumes stand apart from one another, from mounts and from file systems in memory', () => {
    const volumes = [
      { volume: 'data', target: '/data' },
      { volume: 'data', target: '/data/../data/' },
      { volume: 'Data', target: '/' },
      { volume: 'logs', target: '/tmp/' },
      { volume: 'logs', target: '/srv' },
    ];
    const mounts = [{ source: '/srv', target: '/srv' }];
    expect(issues({ image: 'a', volumes: volumes.slice(2, 3) }).map((issue) => issue.split(':')[0])).toEqual([
      'volumes.0.volume',
      'volumes.0.target',
    ]);
    volumes.splice(2, 1);
    expect(issues({ image: 'a', volumes, mounts, tmpfs: [{ path: '/tmp' }] })).toEqual([
      'volumes.1.target: /data is named twice',
      'volumes.2.target: /tmp is named twice',
      'volumes.3.target: /srv is named twice',
    ]);
  });

  it('one host port may serve tcp and udp', () => {
    const ports = [
      { containerPort: 53, hostPort: 53 },
      { containerPort: 53, hostPort: 53, protocol: 'udp' as const },
    ];
    expect(issues({ image: 'a', ports })).toEqual([]);
  });

  it.each([
    ['term', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
    ['9', 'SIGKILL'],
  ])('writes the stop signal %s in full', (text, name) => {
    expect(runSpecSchema.parse({ image: 'a', stopSignal: text }).stopSignal).toBe(name);
  });
});
