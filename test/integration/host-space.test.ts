/** What the hosts of the fault suite live in: cut off when they should be, and gone with whoever opened it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { startRedis } from '../../scripts/parts/redis.ts';
import { openHostSpace } from '../faults/host-space.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary.ts';

const PROGRAM = fileURLToPath(new URL('../faults/host-space.ts', import.meta.url));
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it('reaches what it is linked to and nothing else, and not even that while it is cut off', async () => {
  const [near, far] = await Promise.all(
    [temporaryFolder('near'), temporaryFolder('far')].map(async (folder) => startRedis({ folder: await folder })),
  );
  if (!near || !far) throw new Error('two servers were asked for');
  ends.push(
    () => near.stop(),
    () => far.stop(),
  );
  const space = await openHostSpace('apart', [near.url.replace('redis', 'http')], far.url.replace('redis', 'http'));
  ends.push(() => space.destroy());
  const reaches = (url: string) => {
    const { hostname, port } = new URL(url);
    const text = `require('net').connect(${port}, '${hostname}').setTimeout(700, () => process.exit(1)).on('error', () => process.exit(1)).on('data', () => process.exit(0)).write('PING\\r\\n')`;
    return space.sandbox.run(process.execPath, ['-e', text]).then(
      () => true,
      () => false,
    );
  };
  expect(await reaches(space.toApi.url)).toBe(true);
  expect(await reaches(near.url)).toBe(false);
  await space.partition();
  expect(await reaches(space.toApi.url)).toBe(false);
  await space.heal();
  expect(await reaches(space.toApi.url)).toBe(true);
});

it('is gone with a process that was killed with -9: its programs, its mounts and its interfaces', async () => {
  const text = `const { openHostSpace } = await import(${JSON.stringify(PROGRAM)});
    const space = await openHostSpace('left', ['http://127.0.0.1:1'], 'http://127.0.0.1:1');
    await space.mountMemory(space.folder + '/memory', '1m');
    console.log(space.sandbox.pid);`;
  const opener: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!opener.stdout) throw new Error('it says nothing');
  const [line] = (await once(opener.stdout, 'data')) as [Buffer];
  const interfaces = () => Object.keys(networkInterfaces()).filter((name) => name.startsWith(`btv${opener.pid?.toString(36)}n`));
  const sandbox = Number(line.toString());
  expect(interfaces()).toHaveLength(1);
  opener.kill('SIGKILL');
  await once(opener, 'exit');
  await eventually('its interface to be gone', () => interfaces().length === 0);
  await eventually('its sandbox to be gone', () => {
    try {
      return !process.kill(sandbox, 0);
    } catch {
      return true;
    }
  });
});
