/** How V8 collects in the api, whose garbage is the buffers of logs that pass through. First of all imports, for what they allocate. */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';

const FLAGS = [
  // Else V8 marks the whole heap for every 64 MB of buffers, dead ones too: a third of the api's time while a log came fast.
  '--external-memory-accounted-in-global-limit',
  // It is collected where it has grown by so much since the last time; V8 would let a small heap grow fourfold before, and memory with it for minutes.
  '--heap-growing-percent=40',
];

for (const flag of FLAGS) setFlagsFromString(flag);

/** More of the kernel's nice value than the process has; 19 is the most there is. */
const HELPERS_NICE = 10;
const MOST_NICE = 19;

/**
 * V8 marks the heap with a helper a core beside the program, which then gets a fraction of its core where there are few: a thousand viewers of a log waited
 * for three times as long whenever it did. As threads of less weight they take what is left over, and all of it where the program waits for them.
 */
function weighHelpersLess(): void {
  const threads = '/proc/self/task';
  const nice = Math.min(MOST_NICE, getPriority() + HELPERS_NICE);
  for (const thread of readdirSync(threads)) {
    if (readFileSync(`${threads}/${thread}/comm`, 'utf8').trim() === 'V8Worker') setPriority(Number(thread), nice);
  }
}

try {
  weighHelpersLess();
} catch {
  // No Linux, or a system that keeps it to itself: then they weigh the same.
}
