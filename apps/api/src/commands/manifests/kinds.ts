/** The handlers of all kinds that can be applied. */
import { isApplied } from '@berth/shared/model/manifest';
import { Injectable } from '@nestjs/common';
import type { KindHandler, KindHandlers } from './kind-handler.ts';
import { RegistryKind } from './registry-kind.ts';
import { RunKind } from './run-kind.ts';
import { ScheduleKind } from './schedule-kind.ts';
import { ServiceKind } from './service-kind.ts';
import { VolumeKind } from './volume-kind.ts';

@Injectable()
export class Kinds {
  readonly handlers: KindHandlers;

  constructor(volumes: VolumeKind, registries: RegistryKind, services: ServiceKind, schedules: ScheduleKind, runs: RunKind) {
    this.handlers = { Volume: volumes, Registry: registries, Service: services, Schedule: schedules, Run: runs };
  }

  of(kind: string): KindHandler | undefined {
    return isApplied(kind) ? this.handlers[kind] : undefined;
  }
}
