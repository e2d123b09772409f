/** What axe and a phone say of a page. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return found.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
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
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect.soft(await violations(page), colorScheme).toEqual([]);
    await picture(colorScheme);
  }
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  // What depends on the width follows a moment after it.
  await expect.poll(() => wideElements(page)).toEqual([]);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await picture(`${colorScheme}-phone`);
  }
  if (size) await page.setViewportSize(size);
}
