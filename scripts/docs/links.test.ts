/** What the pages point to is there: links, and the names of files in the text. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

/** Addresses of other sites are left alone. */
function linksOf(page: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => join(dirname(page), target));
}

/** `apps/api/src/main.ts`: written from the root, with an ending. */
function filesOf(text: string): string[] {
  return [...text.matchAll(/`((?:apps|packages|scripts|test|prisma|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path);
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  it('links to pages that are there, and names files that are there', () => {
    const missing = [...linksOf(page, text), ...filesOf(text)].filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });
});
