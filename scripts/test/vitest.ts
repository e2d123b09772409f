/** Unit and integration tests, by vitest. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './program.ts';
import type { Tally } from './tally.ts';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

export async function runVitest(project: 'unit' | 'integration', match: string | undefined): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-report-'));
  const file = join(folder, 'report.json');
  try {
    const exitCode = await runProgram('vitest/vitest.mjs', [
      'run',
      ...['--project', project],
      ...['--reporter', 'default', '--reporter', 'json', `--outputFile.json=${file}`],
      ...(match ? [match] : []),
    ]);
    return count(JSON.parse(readFileSync(file, 'utf8')), exitCode);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(report: Report, exitCode: number): Tally {
  // A file that cannot even be loaded has no tests to fail; a skipped test hides something.
  const broken = report.testResults.filter(
    (result) => result.status === 'failed' && !result.assertionResults.some(({ status }) => status === 'failed'),
  ).length;
  const skipped = report.testResults
    .flatMap((result) => result.assertionResults)
    .filter(({ status }) => !/passed|failed/.test(status)).length;
  const failed = report.numFailedTests + broken + skipped;
  return { passed: report.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}
