/** Chromium, scrolled as a person scrolls, and how many frames it draws meanwhile. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from '@playwright/test';
import { z } from 'zod';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM.find((path) => existsSync(path)),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    // Its thumb is dragged.
    ignoreDefaultArgs: ['--hide-scrollbars'],
  });

/** In the page, whose world has no types here. */
const COUNT = `globalThis.countedFrames = [];
  globalThis.countFrame = (now) => { countedFrames.push(now); countRequest = requestAnimationFrame(countFrame); };
  globalThis.countRequest = requestAnimationFrame(countFrame);`;
const COUNTED = 'cancelAnimationFrame(countRequest), countedFrames';

/** Milliseconds between the frames that the page draws while something is done. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(COUNT);
  await work();
  const times = z.array(z.number()).parse(await page.evaluate(COUNTED));
  return times.slice(1).map((time, index) => time - (times[index] ?? time));
}

async function boxOf(scroller: Locator) {
  const box = await scroller.boundingBox();
  if (!box) throw new Error('there is nothing to scroll');
  return box;
}

/** Turns the wheel, up and down, for so long. */
export async function wheel(page: Page, scroller: Locator, milliseconds: number): Promise<void> {
  const box = await boxOf(scroller);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const end = performance.now() + milliseconds;
  for (let turn = 0; performance.now() < end; turn++) await page.mouse.wheel(0, turn % 40 < 30 ? 240 : -240);
}

/** Below the button with an arrow, where the thumb of what is very tall is. */
const THUMB = 22;

/** Drags the thumb of the scroll bar from its one end to the other, in so long. */
export async function drag(page: Page, scroller: Locator, milliseconds: number): Promise<void> {
  await scroller.evaluate((element) => {
    element.scrollTop = 0;
  });
  const box = await boxOf(scroller);
  const x = box.x + box.width - 5;
  await page.mouse.move(x, box.y + THUMB);
  await page.mouse.down();
  const begin = performance.now();
  for (let share = 0; share < 1; ) {
    share = Math.min(1, (performance.now() - begin) / milliseconds);
    await page.mouse.move(x, box.y + THUMB + share * (box.height - THUMB));
  }
  await page.mouse.up();
  const reached = await scroller.evaluate((element) => element.scrollTop / (element.scrollHeight - element.clientHeight));
  if (reached < 0.95) throw new Error(`the thumb was dragged to ${Math.round(reached * 100)} % only`);
}
