/** The line that adds a host, run by a shell in a folder of its own: a real api, agent and engine; only systemd is a stand-in, which records. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Child, startChild } from '../../scripts/parts/child.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary.ts';

const exec = promisify(execFile);

/** What systemd would do is for the test to do; `is-active` is what the test says. */
const SYSTEMCTL = `#!/bin/sh
echo "$*" >> "$STAND_INS/systemctl.log"
[ "$1" != is-active ] || [ -f "$STAND_INS/active" ]
`;
const DOCKER = `#!/bin/sh
echo "$*" >> "$STAND_INS/docker.log"
case "$1 $3" in
  'inspect '*Mounts*) cat "$STAND_INS/mounts" 2>/dev/null ;;
  'inspect '*) [ -f "$STAND_INS/container" ] && echo true ;;
esac
`;

let berth: Berth;
let engine: Engine;

beforeAll(async () => {
  [berth, engine] = await Promise.all([startBerth(), startEngine()]);
});
afterAll(async () => {
  await berth?.stop();
  await engine?.destroy();
});

interface Machine {
  root: string;
  standIns: string;
  install(shell: string, ...args: string[]): Promise<{ code: number; output: string }>;
  calls(of?: string): Promise<string[]>;
}

async function machine(): Promise<Machine> {
  const [root, standIns] = await Promise.all([temporaryFolder('machine'), temporaryFolder('stand-ins')]);
  for (const [name, text] of [
    ['systemctl', SYSTEMCTL],
    ['docker', DOCKER],
  ] as const) {
    await writeFile(join(standIns, name), text);
    await chmod(join(standIns, name), 0o755);
  }
  return {
    root,
    standIns,
    async install(shell, ...args) {
      const line = `curl -fsSL ${berth.url}/install.sh | ${shell} -s -- "$@" 2>&1`;
      const env = { PATH: `${standIns}:${process.env.PATH}`, STAND_INS: standIns, BERTH_INSTALL_ROOT: root };
      try {
        const { stdout } = await exec('bash', ['-o', 'pipefail', '-c', line, 'line', ...args], { env });
        return { code: 0, output: stdout };
      } catch (error) {
        const { code, stdout } = error as { code: number; stdout: string };
        return { code, output: stdout };
      }
    },
    calls: async (of = 'systemctl') => (await readFile(join(standIns, `${of}.log`), 'utf8').catch(() => '')).trim().split('\n'),
  };
}

const joinToken = async () => (await berth.client.createJoinToken()).token;
const hostNamed = async (name: string) => (await berth.client.listHosts()).items.find(({ metadata }) => metadata.name === name);

/** As systemd would: the command and the environment of the unit. */
async function startUnit(root: string, logFile: string): Promise<Child> {
  const unit = await readFile(join(root, 'etc/systemd/system/berth-agent.service'), 'utf8');
  const [command = '', ...args] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  const file = /^EnvironmentFile=(.*)$/m.exec(unit)?.[1] ?? '';
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const env = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  return startChild({ command, args, env: { PATH: process.env.PATH, ...env }, logFile });
}

test('the line that is shown is the one that the script takes', async () => {
  const { command, token } = await berth.client.createJoinToken();
  expect(command).toBe(`curl -fsSL ${berth.url}/install.sh | sudo sh -s -- --join ${token}`);
});

test.each(['sh', 'dash', 'bash'])(
  '%s installs a service whose agent joins; again it changes nothing; and it is taken away',
  async (shell) => {
    const { root, standIns, install, calls } = await machine();
    const name = `by-${shell}`;
    const args = ['--join', await joinToken(), '--name', name, '--engine', engine.host];
    const first = await install(shell, ...args);
    expect(first, first.output).toMatchObject({ code: 0, output: expect.stringContaining('done  started berth-agent') });
    expect(await calls()).toEqual(['daemon-reload', 'enable --quiet berth-agent', 'restart berth-agent']);
    const settings = join(root, 'etc/berth/agent.env');
    expect((await stat(settings)).mode & 0o777).toBe(0o600);
    expect(await readFile(join(root, 'etc/systemd/system/berth-agent.service'), 'utf8')).not.toContain('bjt_');

    const agent = await startUnit(root, join(standIns, 'agent.log'));
    try {
      await eventually(
        `${name} to be ready`,
        async () => (await hostNamed(name))?.status.state === 'ready',
        () => agent.tail(40),
      );
      await writeFile(join(standIns, 'active'), '');
      // It has joined: the token is of no use any more, and is taken out.
      expect((await install(shell, ...args)).output).toContain(`done  wrote ${settings}`);
      expect(await readFile(settings, 'utf8')).toContain('BERTH_JOIN=\n');
      // As the line that updates it by hand: it keeps its name and its engine.
      const again = await install(shell);
      expect(again, again.output).toMatchObject({ code: 0, output: expect.stringContaining('ok    berth-agent runs already') });
      expect(again.output).not.toContain('done');
    } finally {
      await agent.stop('SIGTERM', 10_000);
    }

    const removed = await install(shell, '--uninstall');
    expect(removed, removed.output).toMatchObject({ code: 0, output: expect.stringContaining('its key and its ledger stay') });
    await expect(stat(join(root, 'usr/local/lib/berth-agent'))).rejects.toThrow('ENOENT');
    expect((await stat(join(root, 'var/lib/berth-agent/key.pem'))).mode & 0o777).toBe(0o600);
    await install(shell, '--uninstall', '--purge');
    await expect(stat(join(root, 'var/lib/berth-agent'))).rejects.toThrow('ENOENT');
  },
);

test('as a container it is given the engine, its folders and its settings, and no Node is needed', async () => {
  const { root, standIns, install, calls } = await machine();
  const args = ['--join', await joinToken(), '--engine', engine.host, '--container'];
  expect((await install('dash', ...args)).output).toContain('done  started the container berth-agent');
  const run = (await calls('docker')).find((call) => call.startsWith('run ')) ?? '';
  expect(run).toContain(`-v ${engine.socket}:${engine.socket}`);
  expect(run).toContain(`--env-file ${root}/etc/berth/agent.env`);
  expect(run).toMatch(/ node \S+\/usr\/local\/lib\/berth-agent\/agent\.mjs$/);
  expect(run).toContain(`-v ${root}/run/berth:${root}/run/berth`);
  await writeFile(join(standIns, 'container'), '');
  // One that was made before secrets could be files has no place for them.
  expect((await install('dash', ...args)).output).toContain('done  started the container berth-agent');
  await writeFile(join(standIns, 'mounts'), `${root}/run/berth\n`);
  expect((await install('dash', ...args)).output).toContain('ok    the container berth-agent runs already');
  // Again without saying so, as to update it by hand, it stays a container.
  expect((await install('dash', ...args.slice(0, 2))).output).toContain('ok    the container berth-agent runs already');
});

describe('says what is missing', () => {
  test('an engine that does not answer, a token, an option that there is none of, a value that is none', async () => {
    const { root, install, calls } = await machine();
    const [token, nowhere] = [await joinToken(), 'unix:///nowhere/docker.sock'];
    const wrong = [
      { args: ['--join', token, '--engine', nowhere], says: `no container engine answers at ${nowhere}` },
      { args: ['--engine', engine.host], says: 'this machine is not enrolled yet' },
      { args: ['--jion', token], says: 'there is no option --jion' },
      { args: ['--join'], says: '--join needs a value' },
      { args: ['--join', 'a;b'], says: '--join holds a character that it cannot hold' },
    ];
    for (const { args, says } of wrong) {
      const answer = await install('dash', ...args);
      expect(answer, args.join(' ')).toMatchObject({ code: 1, output: expect.stringContaining(says) });
    }
    expect(await calls()).toEqual(['']);
    await expect(stat(join(root, 'usr'))).rejects.toThrow('ENOENT');
  });

  test('an agent that came in another form than it was offered is not put in place', async () => {
    const { root, standIns, install } = await machine();
    // A curl that cuts the file off, as a proxy in between may.
    const curl = (await exec('sh', ['-c', 'command -v curl'])).stdout.trim();
    await writeFile(join(standIns, 'curl'), `#!/bin/sh\n${curl} "$@" || exit 1\ncase "$*" in *bundle*) truncate -s 1000 "$5";; esac\n`);
    await chmod(join(standIns, 'curl'), 0o755);
    const answer = await install('dash', '--join', await joinToken(), '--engine', engine.host);
    expect(answer).toMatchObject({ code: 1, output: expect.stringContaining('its SHA-256 is another one') });
    await mkdir(join(root, 'usr/local/lib/berth-agent'), { recursive: true });
    await expect(stat(join(root, 'usr/local/lib/berth-agent/agent.mjs'))).rejects.toThrow('ENOENT');
  });
});
