/** Unit and integration tests, by vitest. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './program.ts';
import { failure, type Tally } from './tally.ts';

export async function runVitest(project: 'unit' | 'integration', match: string | undefined): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-report-'));
  const file = join(folder, 'tally.json');
  try {
    const reporters = ['--reporter', 'default', '--reporter', join(import.meta.dirname, 'tally-reporter.ts')];
    const exitCode = await runProgram('vitest/vitest.mjs', ['run', '--project', project, ...reporters, ...(match ? [match] : [])], {
      BERTH_TALLY_FILE: file,
    });
    const tally: Tally = JSON.parse(readFileSync(file, 'utf8'));
    if (tally.failed > 0 || exitCode === 0) return tally;
    return { ...tally, failed: 1, failures: [`vitest ended with ${exitCode}`] };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, failures: [failure('vitest', String(error))] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
