import { mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assignment } from '@berth/shared/protocol/agent';
import { expect, it, onTestFinished } from 'vitest';
import { SecretFiles } from './secret-files.ts';

async function folderIn(parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, 'berth-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const assignment = (attemptId: string, value: string | null): Assignment => ({
  attemptId,
  runId: 'run',
  runName: 'run',
  workspaceId: 'ws',
  spec: { image: 'hello-world', secrets: [{ secret: 'db', version: 2, file: '/run/db', mode: '0400' }] },
  ports: [],
  desired: 'run',
  phase: 'assigned',
  restarts: 0,
  restartRequests: 0,
  credentials: null,
  secrets: [{ secret: 'db', version: 2, value, visible: false }],
});

it('are in a closed folder in memory, written again where they are gone, and removed with what is over', async () => {
  const base = await folderIn('/dev/shm');
  const files = new SecretFiles('host', base);
  const one = assignment('one', 'hush');
  expect(await files.write(one)).toBeNull();
  const [bound] = files.bound(one);
  if (!bound) throw new Error('nothing is bound');
  expect(bound.target).toBe('/run/db');
  expect(await readFile(bound.source, 'utf8')).toBe('hush');
  expect((await stat(bound.source)).mode & 0o777).toBe(0o400);
  expect((await stat(join(base, 'host'))).mode & 0o777).toBe(0o700);
  // What is there is the container's: it is not written anew, and needs no value.
  expect(await files.write(assignment('one', null))).toBeNull();
  await rm(bound.source);
  expect(await files.write(assignment('one', null))).toMatchObject({ kind: 'cannot-ever', reason: 'secret-missing' });
  expect(await files.write(one)).toBeNull();
  // Another process finds them.
  await new SecretFiles('host', base).removeOthers((attemptId) => attemptId === 'one');
  expect(await readdir(join(base, 'host'))).toEqual(['one']);
  await new SecretFiles('host', base).removeOthers(() => false);
  expect(await readdir(join(base, 'host'))).toEqual([]);
});

it('are never written to a disk', async () => {
  const base = await folderIn(tmpdir());
  const { type } = await statfs(base);
  // Where the folder for temporary files is in memory itself there is nothing to be refused.
  if (type === 0x01021994) return;
  const failure = await new SecretFiles('host', base).write(assignment('one', 'hush'));
  expect(failure).toMatchObject({ kind: 'cannot-ever', reason: 'secret-folder' });
  expect(failure?.message).toContain('BERTH_SECRETS_FOLDER');
  expect(await readdir(base)).toEqual([]);
});
