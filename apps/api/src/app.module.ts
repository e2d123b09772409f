/** The composition root: which parts a process of a role consists of. */
import { type DynamicModule, Module } from '@nestjs/common';
import { AgentsModule } from './agents/agents.module.ts';
import { AuthModule } from './auth/auth.module.ts';
import { envModule } from './config/env.module.ts';
import type { Env } from './config/env.ts';
import { HttpModule } from './http/http.module.ts';
import { OperationsModule } from './http/operations.module.ts';
import { InstallModule } from './install/install.module.ts';
import { PersistenceModule } from './persistence/persistence.module.ts';
import { queuesModule } from './queues/queues.module.ts';
import { ConsoleModule } from './realtime/console.module.ts';
import { RealtimeModule } from './realtime/realtime.module.ts';
import { StatsModule } from './stats/stats.module.ts';

@Module({})
class AppModule {}

export function appModule(env: Env): DynamicModule {
  const serving = env.ROLES === 'worker' ? [] : [AuthModule, StatsModule, HttpModule, AgentsModule, ConsoleModule];
  return {
    module: AppModule,
    imports: [envModule(env), InstallModule, PersistenceModule, RealtimeModule, queuesModule(env.ROLES), OperationsModule, ...serving],
  };
}
