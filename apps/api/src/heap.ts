/** How V8 collects in the api, whose garbage is the buffers of logs that pass through. First of all imports, for what they allocate. */
import { setFlagsFromString } from 'node:v8';

// Else V8 marks the whole heap for every 64 MB of buffers, dead ones too: a third of the api's time while a log came fast.
setFlagsFromString('--external-memory-accounted-in-global-limit');
