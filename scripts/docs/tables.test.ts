import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withTables } from './tables.ts';

it('docs/nomenclature.md has the phases and reasons of the code; write it anew with: node scripts/docs/main.ts', () => {
  const page = readFileSync(new URL('../../docs/nomenclature.md', import.meta.url), 'utf8');
  expect(page).toBe(withTables(page));
});
