/**
 * (i) A log of a million lines in the console, scrolled by its wheel and by dragging its scroll bar from end to end, in headless Chromium with
 * software rendering. Beside it an empty page of the same height in the same browser: what the machine draws at best.
 */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startConsole } from '../../../scripts/start/apps.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { drag, framesDuring, openBrowser, wheel } from '../browser-frames.ts';
import { type Figure, percentile } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const HEIGHT = 15_000_000;
/** A frame that is late by so much is seen as a jerk. */
const LONG_MS = 50;

const script = (lines: number) =>
  `awk 'BEGIN { for (i = 1; i <= ${lines}; i++) print "line " i " of a log of an ordinary length, as a web server writes them" }'`;

async function openRun(page: Page, { berth, shellImage }: BenchStage, lines: number): Promise<void> {
  const { client, credentials, url } = berth;
  const { metadata } = await client.createRun({ image: shellImage, args: ['sh', '-c', script(lines)], pullPolicy: 'if-not-present' });
  await client.waitRun(metadata.id);
  const { email, password, workspace } = credentials;
  const answer = await page.request.post(`${url}/api/auth/sign-in/email`, { data: { email, password }, headers: { origin: url } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  await page.goto(`${url}/${workspace}/runs/${metadata.id}`);
  await page.getByText(`line ${lines} of a log`).waitFor({ timeout: 60_000 });
  await page.getByText(`${lines.toLocaleString('en')} lines`).waitFor();
}

export async function logPanel(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const lines = quick ? 100_000 : 1_000_000;
  const milliseconds = quick ? 2000 : 6000;
  const folder = await temporaryFolder('bench-console');
  const console = await startConsole(stage.consolePort, join(folder, 'console.log'));
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const [page, empty] = [await context.newPage(), await context.newPage()];
    await openRun(page, stage, lines);
    const still = `<section style="height:480px;overflow:auto"><div style="height:${HEIGHT}px"></div></section>`;
    await empty.setContent(still);
    const output = page.getByRole('region', { name: 'Output' });
    const figures: Figure[] = [];
    for (const [how, move] of Object.entries({ wheel, 'scroll bar': drag })) {
      await empty.bringToFront();
      const best = await framesDuring(empty, () => move(empty, empty.locator('section'), milliseconds));
      await page.bringToFront();
      const frames = await framesDuring(page, () => move(page, output, milliseconds));
      await page.locator('[data-hole]').first().waitFor({ state: 'detached' });
      const rate = perSecond(frames);
      progress(
        `${how}: ${rate.toFixed(1)} frames/s, p99 ${percentile(frames, 0.99).toFixed(0)} ms; empty page ${perSecond(best).toFixed(1)}`,
      );
      figures.push({
        scenario: 'i',
        name: `frames while ${lines.toLocaleString('en')} lines are scrolled by ${how}`,
        value: rate,
        unit: 'frames/s',
        baseline: { name: 'empty page', value: perSecond(best) },
        bound: { of: 'value', kind: 'at-least', limit: 50 },
        details: {
          frames: frames.length,
          p50: percentile(frames, 0.5),
          p99: percentile(frames, 0.99),
          max: Math.max(...frames),
          long: frames.filter((frame) => frame > LONG_MS).length,
          'p99 of the empty page': percentile(best, 0.99),
        },
      });
    }
    return figures;
  } finally {
    await browser.close();
    await console.stop('SIGTERM', 10_000);
  }
}

const perSecond = (frames: readonly number[]): number => (frames.length * 1000) / frames.reduce((sum, frame) => sum + frame, 0);
