import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** How often the whole heap is marked while so many MB of buffers pass through, each dead at once. */
const PASSING_BUFFERS = `
  import { PerformanceObserver, constants } from 'node:perf_hooks';
  let majors = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) majors++;
  });
  observer.observe({ entryTypes: ['gc'] });
  const living = Array.from({ length: 200_000 }, (_, number) => ({ number, text: 'living ' + number }));
  const warm = majors;
  for (let mb = 0; mb < 1000; mb++) {
    Buffer.allocUnsafeSlow(1024 * 1024)[0] = 1;
    if (mb % 5 === 0) await new Promise((next) => setImmediate(next));
  }
  await new Promise((next) => setImmediate(next));
  console.log(majors - warm, living.length > 0);`;

describe('the heap of the api', () => {
  it('is not marked as a whole for buffers that only pass through', () => {
    const heap = fileURLToPath(new URL('heap.ts', import.meta.url));
    const told = execFileSync(process.execPath, ['--import', heap, '--input-type=module', '-e', PASSING_BUFFERS], { encoding: 'utf8' });
    expect(Number(told.split(' ')[0])).toBeLessThanOrEqual(3);
  }, 60_000);
});
