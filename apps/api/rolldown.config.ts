/**
 * The api as a few files. As the thousand and more that it and its libraries are, reading, resolving and compiling them took two of the three
 * seconds of its start. From what tsc has made, whose decorators carry the types that Nest injects by.
 */
import { defineConfig } from 'rolldown';

/** Looked for by those that could use them, and done without. */
const ABSENT = [
  'bufferutil',
  'utf-8-validate',
  'pg-native',
  'class-validator',
  'class-transformer',
  'class-transformer/storage',
  '@fastify/view',
  '@fastify/multipart',
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@nestjs/platform-express',
];

export default defineConfig({
  input: { main: 'build/main.js', bootstrap: 'build/bootstrap.js', 'chunks/scan-worker': 'build/logs/scan-worker.js' },
  platform: 'node',
  external: ABSENT,
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    // As deep as a source: what is found beside them is found from here, too.
    chunkFileNames: 'chunks/[name]-[hash].js',
    keepNames: true,
    sourcemap: true,
  },
});
