/** Writes the generated tables of docs/nomenclature.md anew. A test fails while the page is not what this writes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from './tables.ts';

const page = new URL('../../docs/nomenclature.md', import.meta.url);
writeFileSync(page, withTables(readFileSync(page, 'utf8')));
