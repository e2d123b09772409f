/** Which way dependencies may point (docs/architecture.md). Each rule says why it is there. */
const FRAMEWORKS_AND_CLIENTS =
  '^(node:|fs|net|http|https|timers|child_process|crypto|os|dns|perf_hooks)|node_modules/(@nestjs|rxjs|bullmq|ioredis|pg|@prisma|prisma|socket\\.io|socket\\.io-client|fastify|@fastify|better-auth|dockerode|pino|nestjs-pino|prom-client)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'planning-is-pure',
      comment: 'Law L2: a plan is a value; time, ids and seeds are arguments. What plans imports nothing that can look or act.',
      severity: 'error',
      from: { path: '^apps/(api/src/planning|agent/src/planner)/', pathNot: '\\.test\\.ts$' },
      to: { path: FRAMEWORKS_AND_CLIENTS },
    },
    {
      name: 'planning-imports-only-planning-and-contracts',
      comment: 'Law L2, within the workspace: nothing of the api or the agent that is not itself pure.',
      severity: 'error',
      from: { path: '^apps/(api/src/planning|agent/src/planner)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^apps/(api|agent)/src/', pathNot: '^apps/(api/src/planning|agent/src/planner)/' },
    },
    {
      name: 'only-persistence-knows-the-database',
      comment: 'Law L9: every query goes through a repository that takes the workspace.',
      severity: 'error',
      // better-auth brings its own adapter to Prisma; its configuration names it.
      from: { path: '^apps/api/src/', pathNot: '^apps/api/src/(persistence/|auth/better-auth\\.ts)' },
      to: { path: 'node_modules/(@prisma|prisma|pg)/|^apps/api/src/persistence/generated/' },
    },
    {
      name: 'only-the-engine-knows-dockerode',
      comment: 'docker-engine.ts and the files that it is made of; everything else uses the ContainerEngine interface in our own types.',
      severity: 'error',
      from: { path: '^apps/agent/src/', pathNot: '^apps/agent/src/engine/' },
      to: { path: 'node_modules/(@types/)?dockerode/' },
    },
    {
      name: 'features-do-not-cross',
      comment: 'A feature of the console stands alone; what two share lives in ui/ or lib/. The frame holds them together and may know them.',
      severity: 'error',
      from: { path: '^apps/web/src/features/([^/]+)/', pathNot: '^apps/web/src/features/(frame|services|schedules|arrays)/' },
      to: { path: '^apps/web/src/features/', pathNot: '^apps/web/src/features/$1/' },
    },
    {
      name: 'what-is-made-of-runs-knows-only-them',
      comment: 'Services, schedules and run arrays make runs of a template: it is written in the form of a run and told in the words of a run.',
      severity: 'error',
      from: { path: '^apps/web/src/features/(services|schedules|arrays)/' },
      to: { path: '^apps/web/src/features/', pathNot: '^apps/web/src/features/($1|runs)/' },
    },
    {
      name: 'primitives-know-no-router-and-no-queries',
      severity: 'error',
      from: { path: '^apps/web/src/ui/' },
      to: { path: '^apps/web/src/(features|app)/|node_modules/(@tanstack/react-query|next/navigation)' },
    },
    {
      name: 'contracts-are-only-contracts',
      comment: 'packages/shared holds schemas, tables and codes: nothing of a runtime, a framework or an app.',
      severity: 'error',
      from: { path: '^packages/shared/src/', pathNot: '\\.test\\.ts$' },
      to: { path: `${FRAMEWORKS_AND_CLIENTS}|^apps/|node_modules/(react|next)/` },
    },
    {
      name: 'apps-do-not-import-each-other',
      comment: 'They meet in packages/shared.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  options: {
    // TypeScript 7 has no API for tools yet.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|build|\\.next|generated)/' },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'], extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  },
};
