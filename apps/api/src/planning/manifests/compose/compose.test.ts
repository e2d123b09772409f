/** Compose files as people have them: what becomes of each, and what is refused of it. */
import { createRunSchema } from '@berth/shared/model/run';
import { createServiceSchema } from '@berth/shared/model/service';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../model.ts';
import { readDocuments } from '../read-documents.ts';
import { SERVICE_KEYS } from './compose-schema.ts';
import { readEnvFile } from './env-file.ts';
import { composeManifests } from './read-compose.ts';
import { REFUSED_KEYS } from './refused-keys.ts';
import { splitWords } from './words.ts';

function read(text: string, files: Record<string, string> = {}) {
  const documents = readDocuments(text);
  if (!documents.ok || !documents.value[0]) throw new Error(JSON.stringify(documents));
  return composeManifests(documents.value[0], new Map(Object.entries(files)));
}

function manifests(text: string, files?: Record<string, string>): JsonObject[] {
  const made = read(text, files);
  if (!made.ok) throw new Error(JSON.stringify(made.errors, null, 1));
  return made.value.map(({ manifest }) => manifest);
}

function refusals(text: string, files?: Record<string, string>): [string, string][] {
  const made = read(text, files);
  if (made.ok) throw new Error('it was read');
  return made.errors.map(({ path, message }) => [path, message]);
}

const specOf = (text: string, files?: Record<string, string>): JsonObject => {
  const spec = manifests(text, files).find(({ kind }) => kind === 'Service')?.spec;
  const template = isObject(spec) ? spec.template : null;
  return isObject(template) && isObject(template.spec) ? template.spec : {};
};
/** A service "web" with these keys. */
const web = (keys: string) => `services:\n  web:\n    image: nginx\n    restart: always\n${keys.replace(/^/gm, '    ')}\n`;

describe('files as people have them', () => {
  test('a web server', () => {
    const [service] = manifests('services:\n  web:\n    image: nginx:1.29\n    ports: ["8080:80"]\n    restart: unless-stopped\n');
    expect(service).toEqual({
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        replicas: 1,
        template: {
          spec: { image: 'nginx:1.29', restart: { policy: 'always' }, ports: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }] },
        },
      },
    });
    expect(createServiceSchema.safeParse({ metadata: service?.metadata, spec: service?.spec }).success).toBe(true);
  });

  test('an application with its database, which it waits for', () => {
    const made = read(
      `name: shop
services:
  app:
    image: ghcr.io/shop/app:\${TAG:-latest}
    environment:
      DATABASE_URL: postgres://shop:\${DB_PASSWORD}@db/shop
      DEBUG: false
    depends_on:
      db: { condition: service_healthy }
      migrate: { condition: service_completed_successfully }
    restart: always
    deploy:
      replicas: 3
      resources: { limits: { cpus: "0.50", memory: 512M } }
      labels: { team: shop }
  migrate:
    image: ghcr.io/shop/app:\${TAG:-latest}
    command: ./manage.py migrate --noinput
    depends_on: { db: { condition: service_healthy } }
  db:
    image: postgres:18
    restart: always
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U shop"]
      interval: 5s
      timeout: 1m30s
      retries: 5
      start_period: 500ms
volumes:
  data:
`,
      { '.env': 'DB_PASSWORD="s3cret"\n# old\nTAG=7\n' },
    );
    if (!made.ok) throw new Error(JSON.stringify(made.errors));
    const byName = Object.fromEntries(
      made.value.map(({ manifest, after }) => [isObject(manifest.metadata) ? String(manifest.metadata.name) : '', { manifest, after }]),
    );
    expect(byName.data?.manifest).toEqual({ kind: 'Volume', metadata: { name: 'data', labels: { 'compose.project': 'shop' } }, spec: {} });
    expect(byName.migrate?.manifest).toMatchObject({
      kind: 'Run',
      spec: { image: 'ghcr.io/shop/app:7', args: ['./manage.py', 'migrate', '--noinput'] },
    });
    expect(byName.app).toMatchObject({
      manifest: {
        kind: 'Service',
        metadata: { labels: { team: 'shop', 'compose.project': 'shop' } },
        spec: {
          replicas: 3,
          template: {
            spec: { env: { DATABASE_URL: 'postgres://shop:s3cret@db/shop', DEBUG: 'false' }, resources: { cpu: '0.50', memory: '512Mi' } },
          },
        },
      },
      after: [
        { kind: 'Service', name: 'db', until: 'healthy' },
        { kind: 'Run', name: 'migrate', until: 'completed' },
      ],
    });
    expect(byName.db?.manifest).toMatchObject({
      spec: {
        template: {
          spec: {
            volumes: [{ volume: 'data', target: '/var/lib/postgresql/data' }],
            healthcheck: {
              command: ['/bin/sh', '-c', 'pg_isready -U shop'],
              intervalSeconds: 5,
              timeoutSeconds: 90,
              retries: 5,
              startPeriodSeconds: 1,
            },
          },
        },
      },
    });
    expect(made.warnings).toEqual([expect.stringContaining('find one another by the names of their services on one host only')]);
  });

  test('a job that runs once', () => {
    const [job] = manifests(
      'services:\n  backup:\n    image: restic/restic\n    command: ["backup", "/data"]\n    restart: "no"\n    volumes: ["/srv/data:/data:ro"]\n',
    );
    expect(job).toMatchObject({
      kind: 'Run',
      spec: { args: ['backup', '/data'], mounts: [{ source: '/srv/data', target: '/data', readOnly: true }] },
    });
    expect(createRunSchema.safeParse({ metadata: job?.metadata, spec: job?.spec }).success).toBe(true);
  });

  test('one with anchors, extensions and a version', () => {
    const text = `version: "3.9"
x-common: &common
  restart: always
  environment: &env { LOG: info }
services:
  a: { <<: *common, image: one }
  b: { <<: *common, image: two, environment: { <<: *env, EXTRA: 1 }, x-note: kept out }
`;
    expect(manifests(text)).toMatchObject([
      { metadata: { name: 'a' }, spec: { template: { spec: { env: { LOG: 'info' } } } } },
      { metadata: { name: 'b' }, spec: { template: { spec: { env: { LOG: 'info', EXTRA: '1' } } } } },
    ]);
  });

  test('a hardened one', () => {
    expect(
      specOf(
        web(`read_only: true
tmpfs: ["/tmp:size=64m", /run]
cap_drop: [ALL]
cap_add: [NET_BIND_SERVICE]
user: "1000:1000"
init: true
stop_signal: SIGQUIT
stop_grace_period: 1m
pids_limit: 100
mem_limit: 1.5gb
cpus: 2
hostname: front
working_dir: /srv
extra_hosts: ["host.docker.internal:host-gateway"]
pull_policy: missing
tty: true`),
      ),
    ).toEqual({
      image: 'nginx',
      restart: { policy: 'always' },
      readOnlyRootFilesystem: true,
      tmpfs: [{ path: '/tmp', size: '64Mi' }, { path: '/run' }],
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      user: '1000:1000',
      init: true,
      stopSignal: 'SIGQUIT',
      stopGracePeriodSeconds: 60,
      resources: { pids: 100, memory: '1.5Gi', cpu: '2' },
      hostname: 'front',
      workingDir: '/srv',
      extraHosts: { 'host.docker.internal': 'host-gateway' },
      pullPolicy: 'if-not-present',
      tty: true,
    });
  });

  test('one for Swarm, with how it rolls and where it goes', () => {
    const text = web(`deploy:
  mode: replicated
  replicas: 4
  update_config: { parallelism: 2, order: start-first, failure_action: rollback, monitor: 10s }
  restart_policy: { condition: on-failure, max_attempts: 3 }
  resources: { limits: { cpus: 1, memory: 1g }, reservations: { cpus: 1 } }
  placement:
    constraints: [node.labels.zone == a, node.labels.disk!=slow]
    preferences: [{ spread: node.labels.rack }]`);
    const [service] = manifests(text);
    expect(service).toMatchObject({
      spec: {
        replicas: 4,
        update: { order: 'start-first', maxSurge: 2, maxUnavailable: 0, onFailure: 'roll-back', minReadySeconds: 10 },
        template: {
          spec: {
            restart: { policy: 'on-failure', maxRetries: 3 },
            placement: {
              constraints: [
                { label: 'zone', operator: 'in', values: ['a'] },
                { label: 'disk', operator: 'not-in', values: ['slow'] },
              ],
              spreadOver: { label: 'rack' },
            },
          },
        },
      },
    });
    expect(createServiceSchema.safeParse({ metadata: service?.metadata, spec: service?.spec }).error?.issues).toBeUndefined();
  });

  test('one with env files: those that are given are read, those that are not are refused by name', () => {
    const text = web('env_file: [./app.env, { path: local.env, required: false }]\nenvironment: [LEVEL=debug, HOME_DIR]');
    const files = { 'app.env': "LEVEL=info\nexport NAME='a b' # who\nEMPTY=\nURL=http://x/#y\n", '.env': 'HOME_DIR=/srv' };
    expect(specOf(text, files).env).toEqual({ LEVEL: 'debug', NAME: 'a b', EMPTY: '', URL: 'http://x/#y', HOME_DIR: '/srv' });
    expect(refusals(text)).toEqual([
      ['services.web.env_file.0', expect.stringContaining('"./app.env" is a file beside this one')],
      ['services.web.environment.1', expect.stringContaining('"HOME_DIR" has no value here')],
    ]);
    expect(refusals(text, { ...files, 'app.env': 'ok=1\nnot a line\n' })[0]?.[1]).toContain('line 2 of "./app.env" is not NAME=value');
  });

  test('one with a network that all are in', () => {
    const text =
      'services:\n  a: { image: x, restart: always, networks: [back] }\n  b: { image: y, restart: always, networks: { back: } }\nnetworks:\n  back: { driver: bridge }\n';
    expect(manifests(text)).toHaveLength(2);
    const several = `services:\n  a: { image: x, networks: [front, back] }\n  b: { image: y, networks: [back] }\nnetworks: { front: , back: { internal: true } }\n`;
    expect(refusals(several).map(([path]) => path)).toEqual(['services.a.networks.1', 'services.b.networks.0', 'networks.back.internal']);
  });
});

describe('ports', () => {
  test.each([
    ['80', [{ containerPort: 80, protocol: 'tcp' }]],
    ['"8080:80"', [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }]],
    ['"53:53/udp"', [{ containerPort: 53, hostPort: 53, protocol: 'udp' }]],
    ['"0.0.0.0:1:2"', [{ containerPort: 2, hostPort: 1, protocol: 'tcp' }]],
    ['"[::]:1:2"', [{ containerPort: 2, hostPort: 1, protocol: 'tcp' }]],
    ['"8000-8001:9000-9001"', [9000, 9001].map((containerPort) => ({ containerPort, hostPort: containerPort - 1000, protocol: 'tcp' }))],
    ['{ target: 80, published: "8080", protocol: udp, mode: host }', [{ containerPort: 80, hostPort: 8080, protocol: 'udp' }]],
  ])('%s', (port, ports) => expect(specOf(web(`ports: [${port}]`)).ports).toEqual(ports));

  test.each([
    ['"127.0.0.1:8080:80"', 'all addresses'],
    ['"8000-8002:80"', 'not of one length'],
    ['"99999:80"', 'from 1 to 65535'],
    ['"80/sctp"', 'tcp and udp are'],
    ['"x:80"', 'is not a port'],
    ['{ target: 80, host_ip: 127.0.0.1 }', 'all addresses'],
    ['{ target: 80, app_protocol: http }', 'is not carried out'],
  ])('%s is refused', (port, words) => {
    const [[path, message] = ['', '']] = refusals(web(`ports: [${port}]`));
    expect(path).toMatch(/^services\.web\.ports\.0/);
    expect(message).toContain(words);
  });
});

describe('what is not carried out is refused by its path, with the reason', () => {
  test.each([
    ['build: .', 'services.web.build', 'push it to a registry'],
    ['container_name: web-1', 'services.web.container_name', 'named by Berth'],
    ['logging: { driver: json-file }', 'services.web.logging', 'keeps the output itself'],
    ['volumes: [./conf:/etc/conf]', 'services.web.volumes.0', 'beside the file on your machine'],
    ['volumes: [/data]', 'services.web.volumes.0', 'without a name'],
    ['volumes: [data:/data]', 'services.web.volumes.0', 'no volume "data"'],
    [
      'volumes: [{ type: bind, source: /a, target: /b, bind: { propagation: shared } }]',
      'services.web.volumes.0.bind.propagation',
      'not carried out',
    ],
    ['secrets: [token]', 'services.web.secrets', 'not supported yet'],
    ['deploy: { mode: global }', 'services.web.deploy.mode', 'a number of replicas'],
    ['deploy: { endpoint_mode: vip }', 'services.web.deploy.endpoint_mode', 'leave it out'],
    ['deploy: { resources: { reservations: { memory: 1g } } }', 'services.web.deploy.resources.reservations.memory', 'the same amount'],
    ['deploy: { resources: { limits: { memory: 1g } } }\nmem_limit: 2g', 'services.web.mem_limit', 'set twice'],
    ['network_mode: service:db', 'services.web.network_mode', 'bridge and host are'],
    ['pull_policy: daily', 'services.web.pull_policy', 'always, missing and never are'],
    ['healthcheck: { start_interval: 1s }', 'services.web.healthcheck.start_interval', 'interval counts from the start'],
    ['command: "sh -c \'open"', 'services.web.command', 'not closed'],
    [`environment: { A: "\${NOWHERE}" }`, 'services.web.environment.A', 'NOWHERE is not set'],
    [`environment: { A: "\${NOWHERE:?say it}" }`, 'services.web.environment.A', 'say it'],
    ['environment: { A: "cost: $ 5" }', 'services.web.environment.A', '"$$"'],
  ])('%s', (keys, path, words) => {
    const found = refusals(web(keys));
    expect(found.map(([at]) => at)).toContain(path);
    expect(found.find(([at]) => at === path)?.[1]).toContain(words);
  });

  test('what is no Compose at all is told by the official schema', () => {
    expect(refusals(web('imgae: x\nports: { a: 1 }'))).toEqual([
      ['services.web.imgae', expect.stringContaining('"imgae" is not a key of Compose here')],
      ['services.web.ports', expect.stringContaining('must be of type array')],
    ]);
    expect(refusals('services: { "a b": { image: x } }\n')[0]?.[0]).toBe('services.a b');
    expect(refusals(web('depends_on: { db: { condition: service_ready } }'))[0]?.[1]).toContain('service_started, service_healthy');
    expect(refusals(web('ports: [{ target: 80, publish: 1 }]'))[0]?.[0]).toBe('services.web.ports.0.publish');
  });

  test('the parts of a file beside its services are taken or refused', () => {
    const text =
      'services: {}\nconfigs: { c: { content: x } }\nsecrets: { s: { file: x } }\ninclude: [other.yaml]\nvolumes: { v: { driver: nfs } }\nnetworks: { n: { external: true } }\n';
    expect(refusals(text).map(([path]) => path)).toEqual(['configs', 'include', 'volumes.v.driver', 'secrets', 'networks.n.external']);
  });

  test('every key that a service can have is taken or has its reason', () => {
    const taken = SERVICE_KEYS.filter((key) => REFUSED_KEYS[key] === undefined);
    for (const key of taken) {
      const made = read(`services: { web: { ${key === 'image' ? '' : 'image: x, '}${key}: x } }`);
      const messages = made.ok ? [] : made.errors.map(({ message }) => message);
      expect(
        messages.filter((message) => message === 'line 1: is not carried out: leave it out'),
        key,
      ).toEqual([]);
    }
    expect(Object.keys(REFUSED_KEYS).filter((key) => !SERVICE_KEYS.includes(key))).toEqual([]);
  });
});

test('variables: defaults, defaults of defaults, alternatives, and the sign itself', () => {
  const env = (value: string, variables = 'SET=1\nEMPTY=\n') =>
    (specOf(web(`environment: { A: '${value}' }`), { '.env': variables }).env as JsonObject).A;
  expect(env(`$SET\${SET}$$SET`)).toBe('11$SET');
  expect(env(`\${NO:-a}\${EMPTY:-b}\${EMPTY-c}\${NO-d}`)).toBe('abd');
  expect(env(`\${NO:-\${ALSO:-x}}`)).toBe('x');
  expect(env(`\${SET:+y}\${EMPTY:+z}\${EMPTY+w}\${NO+v}`)).toBe('yw');
});

test('words are split as a shell does it', () => {
  expect(splitWords(`sh -c 'a "b"' "c \\"d\\"" e\\ f ''`)).toEqual(['sh', '-c', 'a "b"', 'c "d"', 'e f', '']);
  expect(splitWords('a "b')).toBeNull();
});

test('an env file that is written is read back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Z_]{1,5}$/), fc.stringMatching(/^[ -~]{0,20}$/)), (variables) => {
      const text = Object.entries(variables)
        .map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`)
        .join('\n');
      expect(readEnvFile(text)).toEqual({ ok: true, variables: new Map(Object.entries(variables)) });
    }),
  );
});
