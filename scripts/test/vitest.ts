/** Unit and integration tests, by vitest. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { repository } from '../parts/paths.ts';
import { runProgram } from './program.ts';
import { failure, type Tally } from './tally.ts';

interface Report {
  numPassedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
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
    return { passed: 0, failed: 1, failures: [failure('vitest', String(error))] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(report: Report, exitCode: number): Tally {
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(repository, name);
    // A skipped test hides something.
    const bad = assertionResults.filter((result) => result.status !== 'passed');
    // A file that cannot even be loaded has no tests to fail.
    if (status === 'failed' && bad.length === 0) return [failure(file, message)];
    return bad.map((result) => failure(`${file}: ${result.fullName}`, result.failureMessages[0] ?? result.status));
  });
  if (failures.length === 0 && exitCode !== 0) failures.push(`vitest ended with ${exitCode}`);
  return { passed: report.numPassedTests, failed: failures.length, failures };
}
