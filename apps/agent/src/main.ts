import './heap.ts';
import { fileURLToPath } from 'node:url';
import { run } from './run.ts';

run(fileURLToPath(import.meta.url)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
