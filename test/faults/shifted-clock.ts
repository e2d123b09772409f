/**
 * Preloaded into an agent (`node --import`): its wall clock is off by what a file says, in milliseconds, read again at SIGUSR2. The kernel
 * has one wall clock for all of a machine; this moves the one that the agent sees, and leaves timers alone, as a real jump does.
 */
import { existsSync, readFileSync } from 'node:fs';

const file = process.env.BERTH_TEST_CLOCK ?? '';
const TrueDate = Date;
const read = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
let offset = read();
process.on('SIGUSR2', () => {
  offset = read();
});

const now = () => TrueDate.now() + offset;
globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new TrueDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
