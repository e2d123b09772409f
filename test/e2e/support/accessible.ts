/** What axe and a phone say of a page. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Of the rules, those whose verdict depends on the theme. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

export async function violations(page: Page, rules: 'all' | 'of colours' = 'all'): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations: found } = await (rules === 'all' ? axe.withTags(TAGS) : axe.withRules(OF_COLOURS)).analyze();
  return found.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}

/** In both themes, of which the dark one stays. `what`: how it is called where something is wrong. `picture` is called in each of them. */
export async function isAccessible(page: Page, what: string, picture?: (theme: Theme) => Promise<void>): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    expect.soft(await violations(page, theme === THEMES[0] ? 'all' : 'of colours'), `${what}, ${theme}`).toEqual([]);
    await picture?.(theme);
  }
}

/** What can be scrolled sideways, but for the areas that are meant to be: a log that is not wrapped, JSON. */
export function wideElements(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('html, main, main *')]
      .filter((element) => element.scrollWidth > element.clientWidth && !element.closest('section[tabindex="0"]'))
      .filter((element) => element.tagName === 'HTML' || /auto|scroll/.test(getComputedStyle(element).overflowX))
      .map((element) => `${element.tagName} ${element.className}: ${element.scrollWidth} > ${element.clientWidth}`),
  );
}

/** In both themes, and on a phone. `name`: of the pictures of it among the results of the test; none where absent. */
export async function isReadable(page: Page, name?: string): Promise<void> {
  const picture = async (which: string) => {
    if (name !== undefined) await page.screenshot({ path: test.info().outputPath(`${name}-${which}.png`) });
  };
  await isAccessible(page, name ?? page.url(), picture);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  // What depends on the width follows a moment after it.
  await expect.poll(() => wideElements(page)).toEqual([]);
  for (const colorScheme of THEMES.toReversed()) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await picture(`${colorScheme}-phone`);
  }
  if (size) await page.setViewportSize(size);
}
