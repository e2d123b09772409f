/** The queues, and in processes that work them off, their workers and the sweep. */
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Admission } from '../commands/admission.ts';
import { EndRunCommand } from '../commands/end-run.ts';
import { EndRunArrayCommand } from '../commands/end-run-array.ts';
import { VolumeAdmission } from '../commands/volume-admission.ts';
import type { Env } from '../config/env.ts';
import { BullWorkQueues } from './bull-work-queues.ts';
import { Drains } from './drains.ts';
import { Expiry } from './expiry.ts';
import { ImageChecks } from './image-checks.ts';
import { LogKeeping } from './log-keeping.ts';
import { PlacementJob } from './placement-job.ts';
import { ProxyRoutes } from './proxy-routes.ts';
import { RedisModule } from './redis.ts';
import { Schedules } from './schedules.ts';
import { ServicePins } from './service-pins.ts';
import { Services } from './services.ts';
import { Sweep } from './sweep.ts';
import { WorkQueues } from './work-queues.ts';
import { Workers } from './workers.ts';

@Global()
@Module({})
export class QueuesModule {}

export function queuesModule(roles: Env['ROLES']): DynamicModule {
  const work =
    roles === 'http'
      ? []
      : [
          PlacementJob,
          Workers,
          Admission,
          VolumeAdmission,
          EndRunCommand,
          EndRunArrayCommand,
          Drains,
          Expiry,
          ImageChecks,
          LogKeeping,
          ProxyRoutes,
          Schedules,
          ServicePins,
          Services,
          Sweep,
        ];
  return {
    module: QueuesModule,
    imports: [RedisModule],
    providers: [{ provide: WorkQueues, useClass: BullWorkQueues }, ...work],
    exports: [WorkQueues, ...(roles === 'http' ? [] : [Workers])],
  };
}
