/**
 * Leaves unloaded what libraries load unasked: dockerode an SSH client, gRPC and protobuf (for engines over ssh and BuildKit
 * sessions), zod its messages in fifty languages. That is 35 MB of resident memory in every agent. Their names are resolved
 * to an empty module here. A static import is resolved before anything runs, so main.ts imports this, and the rest afterwards.
 */
import { registerHooks } from 'node:module';
import { setFlagsFromString } from 'node:v8';

// An agent idles most of its life: a small heap is worth more than the last bit of speed.
for (const flag of ['--optimize-for-size', '--max-semi-space-size=1', '--semi-space-growth-factor=1']) setFlagsFromString(flag);

const UNUSED = new Set(['ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs']);
const LOCALES = /\/zod\/v4\/classic\/.*$/;
const EMPTY = new URL('unused.cjs', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const unused = UNUSED.has(specifier) || (specifier === '../locales/index.js' && LOCALES.test(context.parentURL ?? ''));
    return unused ? { url: EMPTY, format: 'commonjs', shortCircuit: true } : nextResolve(specifier, context);
  },
  load(url, context, nextLoad) {
    if (url !== EMPTY) return nextLoad(url, context);
    return { format: 'commonjs', source: '', shortCircuit: true };
  },
});
