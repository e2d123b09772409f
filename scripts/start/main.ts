/**
 * `npm start`: everything that Berth needs, on one machine, in one foreground process tree.
 *
 *   npm start                  start, and on the first start run hello-world
 *   npm start -- --no-hello    without that
 *
 * Only Node itself is used here: the packages may not be installed yet.
 */
import { parseArgs } from 'node:util';
import { prepare } from '../prepare/prepare.ts';

const started = performance.now();
try {
  const { values } = parseArgs({ options: { 'no-hello': { type: 'boolean', default: false } } });
  await prepare('everything');
  const { launch } = await import('./launch.ts');
  await launch({ hello: !values['no-hello'], started });
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
