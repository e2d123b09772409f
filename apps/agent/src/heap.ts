/** An agent idles most of its life: a small heap is worth more than the last bit of speed. First of all imports, for what they allocate. */
import { setFlagsFromString } from 'node:v8';

const FLAGS = [
  '--max-semi-space-size=4',
  '--semi-space-growth-factor=1',
  // Else V8 marks the whole heap for every 64 MB of buffers that passed through, which is every other second of a busy log.
  '--external-memory-accounted-in-global-limit',
];

for (const flag of FLAGS) setFlagsFromString(flag);
