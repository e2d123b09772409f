import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type Launch, type Machine, startMachine } from '../support/launcher.ts';
import { freshDatabase } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';

/** Prints numbers for ever: a gap or a repetition in its log would show. */
const COUNTER = { image: 'busybox', command: ['sh', '-c', 'i=0; while :; do echo $i; i=$((i+1)); usleep 50000; done'] };
const numbers = (log: string) => log.trim().split('\n').map(Number);
const countedWithoutGap = (log: string) => numbers(log).every((number, index) => number === index);

async function ended(launch: Launch): Promise<number | null> {
  return (await launch.exited).code;
}

describe('npm start', { timeout: 180_000 }, () => {
  let machine: Machine;
  let launch: Launch;
  let counter: string;

  beforeAll(async () => {
    machine = await startMachine();
  });
  afterAll(async () => {
    await machine?.remove();
  });

  it('ends its first start with hello-world, through the whole path, in the words of the handbook', async () => {
    launch = machine.launch();
    const output = await launch.printed(/\/default\/runs\/run_/);
    const wanted = [
      `Berth is ready: http://127.0.0.1:${machine.port}`,
      '$ run hello-world',
      "Unable to find image 'hello-world:latest' locally",
      'latest: Pulling from library/hello-world',
      ': Pull complete',
      'Digest: sha256:',
      'Status: Downloaded newer image for hello-world:latest',
      'Hello from Docker!',
      'Exited (0)',
      `http://127.0.0.1:${machine.port}/default/runs/run_`,
    ];
    const places = wanted.map((text) => output.indexOf(text));
    expect(places, output).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(output.match(/stands in/g), 'one line says that Docker Hub is stood in for').toHaveLength(1);
  });

  it('serves console, REST, health, metrics and the description of the API at one address', async () => {
    const client = machine.client();
    expect(client.account.url).toBe(`http://127.0.0.1:${machine.port}`);
    expect((await client.listRuns()).items).toHaveLength(1);
    for (const path of ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      const response = await fetch(`${client.account.url}${path}`);
      expect(`${path} ${response.status}`).toBe(`${path} 200`);
    }
  });

  it('keeps credentials and secrets to its user', () => {
    for (const name of ['credentials.json', 'secrets.json']) expect(statSync(join(machine.home, name)).mode & 0o777).toBe(0o600);
  });

  it('refuses a second launcher on the same data', async () => {
    const second = machine.launch([], { PORT: String(machine.port + 1) });
    expect(await ended(second)).toBe(1);
    expect(second.output()).toContain('runs already');
  });

  it('stops everything at Ctrl-C but the containers', async () => {
    const client = machine.client();
    counter = (await client.createRun(COUNTER)).metadata.id;
    expect((await client.waitRun(counter, 'running')).status.phase).toBe('running');
    launch.signal('SIGINT');
    expect(await ended(launch)).toBe(0);
    const programs = await machine.programs();
    expect(new Set(programs)).toEqual(new Set(['containerd-shim', 'sh', 'usleep'].filter((name) => programs.includes(name))));
    expect(programs).toContain('containerd-shim');
  });

  it('adopts them at the next start, which skips what is done', async () => {
    launch = machine.launch();
    const output = await launch.printed('Berth is ready');
    expect(output).not.toMatch(/Packages from|Build …|applied 2/);
    const client = machine.client();
    const before = numbers(await client.logs(counter)).length;
    const log = await eventually('the log to go on', async () => {
      const text = await client.logs(counter);
      return numbers(text).length > before + 20 && text;
    });
    expect(countedWithoutGap(log)).toBe(true);
    const run = await client.getRun(counter);
    expect(run.status.phase).toBe('running');
    expect(run.status.attempts).toHaveLength(1);
    expect(launch.output()).not.toContain('$ run hello-world');
  });

  it('survives being killed: its parts end with it, and the containers are adopted all the same', async () => {
    launch.signal('SIGKILL');
    await launch.exited;
    await eventually(
      'its parts to end',
      async () => !(await machine.programs()).some((name) => /postgres|redis|dockerd|node|MainThread/.test(name)),
      () => machine.programs(),
    );
    launch = machine.launch();
    await launch.printed('Berth is ready');
    const client = machine.client();
    expect((await client.getRun(counter)).status.phase).toBe('running');
    await client.killRun(counter);
    expect((await client.waitRun(counter)).status.phase).toBe('exited');
    expect(countedWithoutGap(await client.logs(counter))).toBe(true);
    launch.signal('SIGTERM');
    expect(await ended(launch)).toBe(0);
    expect(await machine.programs()).toEqual([]);
  });
});

describe('npm start with parts that are there already', { timeout: 180_000 }, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startMachine();
  });
  afterAll(async () => {
    await machine?.remove();
  });

  it('names every error of its configuration at once', async () => {
    const launch = machine.launch([], { PORT: 'http', DATABASE_URL: 'mysql://db', REDIS_URL: 'nowhere', BERTH_ENGINE: 'docker' });
    expect(await ended(launch)).toBe(1);
    for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'BERTH_ENGINE']) expect(launch.output()).toContain(`  ${name} must`);
  });

  it('uses the Postgres, the Redis and the engine that it is given', async () => {
    const [databaseUrl, redis, engine] = await Promise.all([freshDatabase(), startRedis(), startEngine()]);
    const launch = machine.launch(['--no-hello'], { DATABASE_URL: databaseUrl, REDIS_URL: redis.url, BERTH_ENGINE: engine.host });
    const output = await launch.printed('Berth is ready');
    expect(output).toContain('the one in DATABASE_URL');
    expect(output).toContain('the one in REDIS_URL');
    expect(output).toContain(`at ${engine.host}`);
    const programs = await machine.programs();
    expect(programs.filter((name) => /postgres|redis|dockerd/.test(name))).toEqual([]);
    launch.signal('SIGINT');
    expect(await ended(launch)).toBe(0);
    expect(launch.output()).not.toContain('hello-world');
    await Promise.all([redis.stop(), engine.destroy()]);
  });
});
