/** An agent idles most of its life: a small heap is worth more than the last bit of speed. First of all imports, for what they allocate. */
import { setFlagsFromString } from 'node:v8';

for (const flag of ['--max-semi-space-size=4', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
