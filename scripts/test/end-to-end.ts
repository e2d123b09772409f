/** The console in a real browser, by Playwright. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOrInstall } from '../parts/apt.ts';
import { repository } from '../parts/paths.ts';
import { runProgram } from './program.ts';
import { failure, type Tally } from './tally.ts';

const CONFIG = 'test/e2e/playwright.config.ts';

interface Report {
  stats: { expected: number };
  suites: Suite[];
  errors: { message?: string }[];
}

interface Suite {
  specs: Spec[];
  suites?: Suite[];
}

interface Spec {
  title: string;
  file: string;
  line: number;
  tests: { status: 'expected' | 'unexpected' | 'flaky' | 'skipped'; results: { errors: { message?: string }[] }[] }[];
}

export async function runEndToEnd(match: string | undefined): Promise<Tally> {
  if (!existsSync(join(repository, CONFIG))) throw new Error(`${CONFIG} is not there.`);
  const browser = await programOrInstall(['chromium', 'chromium-browser', 'google-chrome'], ['chromium']);
  if (!browser) throw new Error('Install chromium: the tests of the console need a browser.');
  const folder = mkdtempSync(join(tmpdir(), 'berth-report-'));
  const file = join(folder, 'report.json');
  try {
    const exitCode = await runProgram(
      '@playwright/test/cli.js',
      ['test', '--config', CONFIG, '--reporter', 'list,json', ...(match ? [match] : [])],
      {
        PLAYWRIGHT_JSON_OUTPUT_FILE: file,
        PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
      },
    );
    return count(JSON.parse(readFileSync(file, 'utf8')), exitCode);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, failures: [failure('playwright', String(error))] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count({ stats, suites, errors }: Report, exitCode: number): Tally {
  const failures = suites.flatMap(specsOf).flatMap(({ file, line, title, tests }) =>
    tests
      // One that passed at its second try failed at its first; a skipped one hides something.
      .filter(({ status }) => status !== 'expected')
      .map(({ status, results }) => failure(`${file}:${line} ${title}`, results.flatMap((one) => one.errors)[0]?.message ?? status)),
  );
  failures.push(...errors.map(({ message }) => failure('playwright', message ?? '')));
  if (failures.length === 0 && exitCode !== 0) failures.push(`playwright ended with ${exitCode}`);
  return { passed: stats.expected, failed: failures.length, failures };
}

function specsOf(suite: Suite): Spec[] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}
