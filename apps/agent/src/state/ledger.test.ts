import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assignment } from '@berth/shared/protocol/agent';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'berth-ledger-'));
});
afterEach(() => rm(home, { recursive: true }));

const assignment = (attemptId: string): Assignment => ({
  attemptId,
  runId: 'run',
  runName: 'run',
  workspaceId: 'ws',
  spec: { image: 'hello-world' },
  ports: [],
  desired: 'run',
  phase: 'assigned',
  credentials: { server: 'r', username: 'u', password: 'hush' },
  secrets: [{ secret: 'db', version: 1, value: 'hush', visible: false }],
});
const full = (generation: number, ...ids: string[]) => ({
  type: 'assign' as const,
  mode: 'full' as const,
  generation,
  put: ids.map(assignment),
});

it('what was accepted is there after a restart, without credentials and secrets, for the owner alone', async () => {
  const ledger = await Ledger.open(home, 'host');
  expect(ledger.accept(full(3, 'a', 'b'))).toBe(true);
  const drop = [{ attemptId: 'a', removeContainer: true }];
  expect(ledger.accept({ type: 'assign', mode: 'delta', base: 3, generation: 4, put: [assignment('c')], drop })).toBe(true);
  ledger.startMarked.add('c');
  await ledger.saved();
  expect(await readFile(join(home, 'ledger.json'), 'utf8')).not.toContain('hush');
  expect((await stat(join(home, 'ledger.json'))).mode & 0o777).toBe(0o600);
  expect(ledger.assignments.get('c')?.credentials?.password).toBe('hush');
  const again = await Ledger.open(home, 'host');
  expect(again.assignments.get('c')?.secrets).toBeUndefined();
  expect(again.generation).toBe(4);
  expect([...again.assignments.keys()]).toEqual(['b', 'c']);
  expect([...again.startMarked]).toEqual(['c']);
  expect([...again.removals]).toEqual(['a']);
});

it('a delta that does not follow changes nothing', async () => {
  const ledger = await Ledger.open(home, 'host');
  ledger.accept(full(3, 'a'));
  expect(
    ledger.accept({ type: 'assign', mode: 'delta', base: 2, generation: 4, put: [], drop: [{ attemptId: 'a', removeContainer: false }] }),
  ).toBe(false);
  expect(ledger.generation).toBe(3);
  expect(ledger.assignments.size).toBe(1);
});

it('of another host, or not readable, counts as none', async () => {
  const ledger = await Ledger.open(home, 'host');
  ledger.accept(full(3, 'a'));
  await ledger.saved();
  expect((await Ledger.open(home, 'other')).generation).toBe(0);
  await writeFile(join(home, 'ledger.json'), '{"version":1,"hos');
  expect((await Ledger.open(home, 'host')).generation).toBe(0);
});

it('what changes during a write is in the next one, and is waited for', async () => {
  const ledger = await Ledger.open(home, 'host');
  ledger.accept(full(1, 'a'));
  const first = ledger.saved();
  ledger.accept(full(2, 'a', 'b'));
  await Promise.all([first, ledger.saved(), ledger.saved()]);
  expect((await Ledger.open(home, 'host')).generation).toBe(2);
});

it('is not written again while nothing has changed', async () => {
  const ledger = await Ledger.open(home, 'host');
  const file = async () => (await stat(join(home, 'ledger.json'))).ino;
  ledger.accept(full(1, 'a'));
  await ledger.saved();
  const first = await file();
  await ledger.saved();
  expect(await file()).toBe(first);
  ledger.startMarked.add('a');
  await ledger.saved();
  expect(await file()).not.toBe(first);
});

it('that cannot be written is tried again, says so once, and has what came meanwhile', async () => {
  const trouble: string[] = [];
  const troubled = Promise.withResolvers<void>();
  const ledger = await Ledger.open(home, 'host', (why) => {
    trouble.push(why);
    troubled.resolve();
  });
  await mkdir(join(home, 'ledger.json.new'));
  ledger.accept(full(1, 'a'));
  const saved = ledger.saved();
  await troubled.promise;
  ledger.accept(full(2, 'a', 'b'));
  await rm(join(home, 'ledger.json.new'), { recursive: true });
  await saved;
  expect(trouble).toHaveLength(1);
  expect((await Ledger.open(home, 'host')).generation).toBe(2);
});

it('that cannot be written does not hold up the end of its agent', async () => {
  const ledger = await Ledger.open(home, 'host');
  await mkdir(join(home, 'ledger.json.new'));
  ledger.accept(full(1, 'a'));
  const saved = ledger.saved();
  await ledger.close();
  await expect(saved).rejects.toThrow(/EISDIR/);
});
