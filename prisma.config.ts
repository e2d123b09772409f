import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Only `migrate` needs a database; `generate` runs without.
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://unset' },
});
