/**
 * The agent as one file. What it runs of its libraries is a tenth of what they hold (zod its messages in fifty languages,
 * dockerode an SSH client, gRPC and protobuf for engines over ssh and BuildKit sessions); whatever a process imports stays in
 * its memory, in every agent. Left out here, that is over 40 MB.
 */
import { fileURLToPath } from 'node:url';
import { BERTH_VERSION } from '@berth/shared/model/version';
import { defineConfig } from 'rolldown';

const unused = fileURLToPath(new URL('src/unused.cjs', import.meta.url));

/** Another one for a build that is to count as another release. */
const version = process.env.BERTH_AGENT_VERSION ?? BERTH_VERSION;

export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  // ws looks for these two faster ways by itself, and does without them.
  external: ['bufferutil', 'utf-8-validate'],
  // socket.io's client looks at Node's own WebSocket and does without it. The look alone would load an HTTP client, 9 MB.
  treeshake: { propertyReadSideEffects: false },
  resolve: { alias: { ssh2: unused, '@grpc/grpc-js': unused, '@grpc/proto-loader': unused, protobufjs: unused } },
  plugins: [
    {
      name: 'version',
      transform: (code, id) =>
        version !== BERTH_VERSION && id.endsWith('/shared/dist/model/version.js')
          ? { code: code.replace(BERTH_VERSION, version), map: null }
          : null,
    },
  ],
  output: {
    // What the api knows of the file that it serves.
    postBanner: `// Berth agent ${version}`,
    file: 'dist/main.js',
    format: 'esm',
    codeSplitting: false,
    sourcemap: true,
    minify: { mangle: { keepNames: true }, compress: true, codegen: true },
  },
});
