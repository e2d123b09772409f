/**
 * dockerode loads, unasked, an SSH client, gRPC and protobuf (for engines over ssh and for BuildKit sessions): 25 MB of
 * resident memory in every agent. Berth speaks HTTP to an engine on a socket. Their names are resolved to an empty module
 * here; this file must be imported before dockerode.
 */
import { registerHooks } from 'node:module';

const UNUSED = new Set(['ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs']);
const EMPTY = new URL('unused.cjs', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!UNUSED.has(specifier)) return nextResolve(specifier, context);
    return { url: EMPTY, format: 'commonjs', shortCircuit: true };
  },
  load(url, context, nextLoad) {
    if (url !== EMPTY) return nextLoad(url, context);
    return { format: 'commonjs', source: '', shortCircuit: true };
  },
});
