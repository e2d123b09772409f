/**
 * What V8 has compiled of this program is kept beside it, so that only the first start compiles. Holds for what is imported after this: entries import
 * the rest of the program dynamically. Where the folder cannot be written nothing is kept; one that others can write would let them say what runs here.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('compiled', import.meta.url)));
