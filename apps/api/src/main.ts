/** Starts the api (serve.ts). */
import './heap.ts';
import './compile-cache.ts';
// Before any class that Nest injects into.
import 'reflect-metadata';

await import('./serve.ts');
