/** How V8 collects in the api, whose garbage is the buffers of logs that pass through. First of all imports, for what they allocate. */
import { setFlagsFromString } from 'node:v8';

const FLAGS = [
  // Else V8 marks the whole heap for every 64 MB of buffers, dead ones too: a third of the api's time while a log came fast.
  '--external-memory-accounted-in-global-limit',
  // It is collected where it has grown by so much since the last time; V8 would let a small heap grow fourfold before, and memory with it for minutes.
  '--heap-growing-percent=40',
];

for (const flag of FLAGS) setFlagsFromString(flag);
