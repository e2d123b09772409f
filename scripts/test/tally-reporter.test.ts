import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run } from '../parts/command.ts';
import { repository } from '../parts/paths.ts';
import type { Tally } from './tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-tally-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of tests that vitest runs by itself, as `npm test` has it do. */
async function tallyOf(code: string): Promise<Tally> {
  writeFileSync(join(folder, 'some.test.js'), code);
  const file = join(folder, 'tally.json');
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--root', folder, '--globals', '--reporter', join(import.meta.dirname, 'tally-reporter.ts')];
  // It ends with 1 where anything failed: what it wrote is what counts.
  await run(process.execPath, [vitest, ...args], { cwd: folder, env: { PATH: process.env.PATH, BERTH_TALLY_FILE: file } }).catch(
    () => undefined,
  );
  return JSON.parse(readFileSync(file, 'utf8'));
}

it('counts what passed, and says why of everything that did not: a test, a hook, what no test waited for', async () => {
  const { passed, failed, failures } = await tallyOf(`
    it('holds', () => expect(1).toBe(1));
    it('is wrong', () => expect({ colour: 'red' }).toEqual({ colour: 'blue' }));
    it.skip('is left out', () => {});
    describe('a group', () => {
      beforeAll(() => { throw new Error('no registry'); });
      it('is not reached', () => {});
    });
    it('leaves something behind', () => { Promise.reject(new Error('nobody waits')); });
  `);
  expect({ passed, failed }).toEqual({ passed: 2, failed: 5 });
  const of = (name: string) => failures.filter((each) => each.includes(name));
  expect(of('is wrong')).toEqual([expect.stringMatching(/colour.*blue(.|\n)*colour.*red/)]);
  expect(of('is left out')).toEqual([expect.stringMatching(/: skipped$/)]);
  expect(of('no registry')).toEqual([expect.stringMatching(/some\.test\.js: a group: Error: no registry/)]);
  expect(of('is not reached')).toEqual([expect.stringMatching(/: skipped$/)]);
  expect(of('nobody waits')).toEqual([expect.stringMatching(/^thrown while no test waited for it: Error: nobody waits/)]);
});

it('fails nothing where all holds', async () => {
  expect(await tallyOf(`it('holds', () => {});`)).toEqual({ passed: 1, failed: 0, failures: [] });
});
