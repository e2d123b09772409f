import { createRunSchema } from '@berth/shared/model/run';
import { describe, expect, it } from 'vitest';
import { parseDockerRun } from './docker-run.ts';
import { EMPTY, fieldOf, fromRequest, toRequest } from './form-values.ts';

const FULL = {
  metadata: { name: 'web', labels: { team: 'blue' } },
  spec: {
    image: 'nginx:1.29',
    command: ['/bin/sh', '-c'],
    args: ['echo "two words"; sleep 1'],
    env: { A: '1', EMPTY: '' },
    secrets: [
      { secret: 'db', version: 3, env: 'DB' },
      { secret: 'tls', file: '/run/tls', mode: '0400', uid: 7, gid: 8 },
    ],
    workingDir: '/app',
    user: '1000',
    ports: [
      { containerPort: 80, hostPort: 8080, protocol: 'tcp' as const },
      { containerPort: 53, protocol: 'udp' as const },
    ],
    resources: { cpu: '0.5', memory: '64Mi', pids: 20 },
    hostname: 'web-1',
    init: true,
    readOnlyRootFilesystem: true,
    tmpfs: [{ path: '/tmp', size: '64Mi' }, { path: '/run' }],
    extraHosts: { db: '10.0.0.5' },
    privileged: true,
    capabilities: { add: ['NET_ADMIN', 'SYS_TIME'], drop: ['KILL'] },
    mounts: [
      { source: '/srv/data', target: '/data' },
      { source: '/etc/ssl', target: '/ssl', readOnly: true as const },
    ],
    volumes: [
      { volume: 'data', target: '/var/lib/data' },
      { volume: 'seed', target: '/seed', readOnly: true as const },
    ],
    tty: true,
    stdin: true,
    stdinOnce: true,
    stopSignal: 'SIGINT' as const,
    stopGracePeriodSeconds: 0,
    timeoutSeconds: 30,
    ttlSecondsAfterFinished: 0,
    pullPolicy: 'never' as const,
    onHostLost: 'replace' as const,
    hostLostAfterSeconds: 60,
    selfFence: true as const,
    placement: {
      constraints: [
        { label: 'zone', operator: 'in' as const, values: ['eu-1', 'eu-2'] },
        { label: 'gpu', operator: 'exists' as const },
      ],
      strategy: 'bin-pack' as const,
      spreadOver: { label: 'zone', runs: { app: 'web' } },
      affinity: [{ runs: { app: 'db', tier: 'back' }, topology: 'zone' }],
      antiAffinity: [{ runs: { app: 'web' }, required: true }],
    },
    priority: -5,
    concurrency: { key: 'deploy', limit: 2 },
  },
};

describe('the form', () => {
  it('gives back the request that filled it', () => {
    expect(toRequest(fromRequest(FULL))).toEqual({ request: FULL, errors: [] });
    expect(createRunSchema.safeParse(FULL).success).toBe(true);
  });

  it('gives a run the network of its host', () => {
    const request = { spec: { image: 'nginx', network: 'host' as const } };
    expect(toRequest(fromRequest(request))).toEqual({ request, errors: [] });
    expect(fieldOf('spec.network', EMPTY)).toBe('hostNetwork');
    expect(fieldOf('spec.capabilities.add.0', EMPTY)).toBe('capAdd');
    expect(fieldOf('spec.mounts.0.source', fromRequest(FULL))).toBe('mounts.0.name');
    expect(fieldOf('spec.volumes.1.volume', fromRequest(FULL))).toBe('volumes.1.name');
    expect(fieldOf('spec.volumes.1.target', fromRequest(FULL))).toBe('volumes.1.value');
  });

  it('asks for nothing where nothing was written', () => {
    expect(toRequest({ ...EMPTY, image: ' hello-world ', env: [{ name: '', value: '' }] })).toEqual({
      request: { spec: { image: 'hello-world' } },
      errors: [],
    });
  });

  it('is filled by a pasted line', () => {
    const parsed = parseDockerRun(
      'docker run -p 8080:80 -e A=1 --init --read-only --tmpfs /tmp:size=64m --add-host db:10.0.0.5 --pids-limit 20 -h web-1 nginx',
    );
    if (!parsed.ok) throw new Error(parsed.problems.join());
    expect(toRequest(fromRequest(parsed.run)).request).toEqual(parsed.run);
  });

  it('says what cannot be written as a request, at its field', () => {
    const values = {
      ...EMPTY,
      image: 'a',
      command: 'echo "',
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
        { name: '', value: '3' },
      ],
    };
    expect(toRequest(values).errors.map((error) => error.field)).toEqual(['command', 'env.1.name', 'env.2.name']);
  });

  it('finds the row behind a path of the placement, past those that are empty', () => {
    const row = { side: 'antiAffinity' as const, runs: 'app=web', topology: '', required: true };
    const constraints = [
      { label: '', operator: 'in' as const, values: '' },
      { label: 'zone', operator: 'in' as const, values: '' },
    ];
    const values = { ...EMPTY, constraints, company: [{ ...row, side: 'affinity' as const }, row], concurrencyLimit: '2' };
    expect(fieldOf('spec.placement.constraints.0.values', values)).toBe('constraints.1.values');
    expect(fieldOf('spec.placement.antiAffinity.0.runs', values)).toBe('company.1.runs');
    expect(fieldOf('spec.placement.spreadOver.label', values)).toBe('spreadLabel');
    expect(fieldOf('spec.concurrency.key', values)).toBe('concurrencyKey');
    expect(fieldOf('spec.priority', values)).toBe('priority');
  });

  it('finds the row behind a path of the secrets, past those that are empty', () => {
    const empty = { secret: '', as: 'env' as const, place: '', version: '', mode: '', owner: '' };
    const values = { ...EMPTY, secrets: [empty, { ...empty, secret: 'db', as: 'file' as const, place: '/x', owner: '7' }] };
    expect(toRequest(values).request.spec.secrets).toEqual([{ secret: 'db', file: '/x', uid: 7 }]);
    expect(fieldOf('spec.secrets.0.secret', values)).toBe('secrets.1.secret');
    expect(fieldOf('spec.secrets.0.file', values)).toBe('secrets.1.place');
    expect(fieldOf('spec.secrets.0.uid', values)).toBe('secrets.1.owner');
    expect(fieldOf('spec.secrets.1.secret', values)).toBeNull();
  });

  it('leaves a number that is none for the contract to refuse', () => {
    const { request } = toRequest({ ...EMPTY, image: 'a', timeoutSeconds: 'soon' });
    expect(createRunSchema.safeParse(request).error?.issues[0]?.path).toEqual(['spec', 'timeoutSeconds']);
  });

  it.each([
    ['spec.image', 'image'],
    ['metadata.name', 'name'],
    ['spec.resources.memory', 'memory'],
    ['spec.ports.0.hostPort', 'ports.1.hostPort'],
    ['spec.env.B.C', 'env.1.value'],
    ['spec.command.0', 'command'],
    ['spec.unknown', null],
  ])('finds the field of %s', (path, field) => {
    const values = {
      ...EMPTY,
      env: [
        { name: 'A', value: '' },
        { name: 'B.C', value: '' },
      ],
      ports: [
        { containerPort: '', hostPort: '', protocol: 'tcp' as const },
        { containerPort: '80', hostPort: '1', protocol: 'tcp' as const },
      ],
    };
    expect(fieldOf(path, values)).toBe(field);
  });
});
