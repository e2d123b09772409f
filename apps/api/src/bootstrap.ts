/** Makes the first user (first-user.ts). */
import './compile-cache.ts';
// Before any class that Nest injects into.
import 'reflect-metadata';

await import('./first-user.ts');
