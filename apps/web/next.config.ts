import path from 'node:path';
import type { NextConfig } from 'next';

const config: NextConfig = {
  turbopack: { root: path.resolve(import.meta.dirname, '../..') },
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run typecheck` does it with the repository's own compiler.
  typescript: { ignoreBuildErrors: true },
};

export default config;
