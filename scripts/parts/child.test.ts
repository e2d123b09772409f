import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startChild } from './child.ts';
import { until } from './until.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-child-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

describe('a child process', () => {
  it('keeps its last words for whoever asks why it ended', async () => {
    const child = startChild({ command: 'sh', args: ['-c', 'echo no such port >&2; exit 3'], logFile: join(folder, 'words.log') });
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(child.ending()).toBe('sh ended (3):\nno such port');
  });

  it('is killed when it does not stop in time', async () => {
    const child = startChild({
      command: 'sh',
      args: ['-c', 'trap "" TERM; echo up; while :; do sleep 1; done'],
      logFile: join(folder, 'deaf.log'),
    });
    await until(() => child.tail() === 'up', { what: 'the trap to be set' });
    expect(await child.stop('SIGTERM', 100)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it.runIf(process.platform === 'linux')('ends when its parent is killed with -9', async () => {
    const script = join(folder, 'parent.ts');
    const childModule = join(import.meta.dirname, 'child.ts');
    writeFileSync(
      script,
      `import { startChild } from ${JSON.stringify(childModule)};
       const child = startChild({ command: 'sleep', args: ['600'], logFile: ${JSON.stringify(join(folder, 'orphan.log'))} });
       console.log(child.pid);`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(line);
    await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep', { what: 'the child to run' });
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid), { what: 'the child to end', timeoutMs: 5_000 });
  });
});
