/** The examples of README.md are run as they stand there, by a shell, against a whole Berth. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../../scripts/parts/child.ts';
import { run } from '../../scripts/parts/command.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { examplesOf } from './readme-examples.ts';

const lines =
  (...expected: string[]) =>
  (output: string) =>
    expect(output.trim().split('\n')).toEqual(expected);
/** What each example of the REST door prints, found by a part of it: the first that fits. */
const SAYS: { example: string; check: (output: string) => void }[] = [
  { example: '"every-second"', check: lines('every-second', 'true', '1') },
  { example: '"hello-world"', check: (output) => expect(output).toContain('Hello from Docker!') },
  { example: '"greeter"', check: lines('running', 'stop', 'stopped') },
  { example: 'follow=true', check: (output) => expect(output).toMatch(/^hello from Berth\n\S+Z hello from Berth\nhello from Berth\n0\n/) },
  { example: '"stdinOnce"', check: lines('running', 'true', '0') },
  { example: '"sleepers"', check: lines('2 started, 2 stopped', '2') },
  { example: '"diary"', check: lines('0', '0', 'day one', './', './diary') },
  { example: '"secrets":', check: lines('1', '0', `I know ${'*'.repeat(21)}`, '21') },
  { example: 'kind: Run', check: (output) => expect(output.split('\n').slice(0, 3)).toEqual(['create', 'create', 'unchanged']) },
  { example: '"Hello World"', check: lines('spec.image') },
];

describe('the examples of README.md', () => {
  const examples = examplesOf(readFileSync(join(repository, 'README.md'), 'utf8')).filter(({ language }) => language === 'sh');
  const under = (heading: string) => examples.filter((example) => example.heading === heading).map(({ code }) => code);
  let berth: Berth;
  let engine: Engine;
  let mirror: RegistryPart;
  let home: string;

  beforeAll(async () => {
    home = await temporaryFolder('readme');
    berth = await startBerth();
    mirror = await startMirror();
    engine = await startEngine({ mirror: mirror.url });
    await berth.startAgent({ engine, name: 'web-1' });
    const { workspace, token, email, password } = berth.credentials;
    writeFileSync(join(home, 'credentials.json'), JSON.stringify({ url: berth.url, workspace, token, email, password }));
  });

  afterAll(async () => {
    await berth?.stop();
    await engine?.destroy();
    await mirror?.stop();
  });

  const environment = () => ({ ...process.env, BERTH_HOME: home, DOCKER_HOST: engine.host });
  const shell = (code: string) =>
    run('bash', ['-euo', 'pipefail', '-c', code], { cwd: repository, env: environment(), timeoutMs: 120_000 });

  it('are all run by this test', () => {
    expect([...new Set(examples.map(({ heading }) => heading))]).toEqual(['REST', 'Agents']);
  });

  it('of the REST door do what they say', async () => {
    const [account = '', ...others] = under('REST');
    const part = '\necho "--- next"\n';
    const { stdout } = await shell([account, ...others].join(part));
    const outputs = stdout.split('--- next\n').slice(1);
    expect(others).toHaveLength(SAYS.length);
    for (const [index, code] of others.entries()) {
      const says = SAYS.find(({ example }) => code.includes(example));
      expect(says, `what is expected of ${code}`).toBeDefined();
      says?.check(outputs[index] ?? '');
    }
  });

  it('of the agents door bring another host', async () => {
    const [account] = under('REST');
    const logFile = join(home, 'agent-door.log');
    mkdirSync(join(home, 'web-2'), { recursive: true });
    const door = startChild({
      command: 'bash',
      args: ['-euo', 'pipefail', '-c', [account, ...under('Agents')].join('\n')],
      cwd: repository,
      env: environment(),
      logFile,
    });
    try {
      await eventually(
        'web-2 to be ready',
        async () => (await berth.client.listHosts()).items.some((host) => host.metadata.name === 'web-2' && host.status.state === 'ready'),
        () => door.tail(60),
        60_000,
        door.ending,
      );
    } finally {
      // npm and the shell stand between: the agent itself is found by its home.
      await run('bash', ['-c', `kill -9 -- -${door.pid}`]);
      await door.exited;
    }
  });
});
