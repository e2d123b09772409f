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

/** The nice value of each thread, by its name: the 19th field of its stat, the 17th behind the name. */
const THREADS = `
  import { readdirSync, readFileSync } from 'node:fs';
  for (const thread of readdirSync('/proc/self/task')) {
    const [, name, rest] = /\\((.*)\\) (.*)/.exec(readFileSync('/proc/self/task/' + thread + '/stat', 'utf8'));
    console.log(name, rest.split(' ')[16]);
  }`;

const heap = fileURLToPath(new URL('heap.ts', import.meta.url));
const withHeap = (script: string): string =>
  execFileSync(process.execPath, ['--import', heap, '--input-type=module', '-e', script], { encoding: 'utf8' });

describe('the heap of the api', () => {
  it('is not marked as a whole for buffers that only pass through', () => {
    expect(Number(withHeap(PASSING_BUFFERS).split(' ')[0])).toBeLessThanOrEqual(3);
  }, 60_000);

  it('is marked by threads that give way to the program', () => {
    const threads = withHeap(THREADS)
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    const nice = (name: string) => threads.filter(([one]) => one === name).map(([, value]) => Number(value));
    const [own = 0] = nice('MainThread');
    expect(nice('V8Worker').length).toBeGreaterThan(0);
    expect(new Set(nice('V8Worker'))).toEqual(new Set([Math.min(19, own + 10)]));
  });
});
