/** The console in a real browser, by Playwright. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOrInstall } from '../parts/apt.ts';
import { repository } from '../parts/paths.ts';
import { runProgram } from './program.ts';
import type { Tally } from './tally.ts';

const CONFIG = 'test/e2e/playwright.config.ts';

interface Report {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  errors: unknown[];
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
    const { stats, errors }: Report = JSON.parse(readFileSync(file, 'utf8'));
    const failed = stats.unexpected + stats.flaky + stats.skipped + errors.length;
    return { passed: stats.expected, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
