/** Everything that speaks to Postgres, for the whole api. A new repository is added to REPOSITORIES. */
import { Global, Module } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { AgentUpdateRepository } from './agent-update-repository.ts';
import { AgentUpdateSteps } from './agent-update-steps.ts';
import { AppliedRepository } from './applied-repository.ts';
import { DataKeys } from './data-keys.ts';
import { Database } from './database.ts';
import { DispatchRepository } from './dispatch-repository.ts';
import { DrainRepository } from './drain-repository.ts';
import { EventRepository } from './event-repository.ts';
import { HostKeyRepository } from './host-key-repository.ts';
import { HostMapRepository } from './host-map-repository.ts';
import { HostRepository } from './host-repository.ts';
import { IdempotencyRepository } from './idempotency-repository.ts';
import { ImageCheckRepository } from './image-check-repository.ts';
import { IngestRepository } from './ingest-repository.ts';
import { JoinTokenRepository } from './join-token-repository.ts';
import { KeyRewrap } from './key-rewrap.ts';
import { LivenessRepository } from './liveness-repository.ts';
import { LogOutlineRepository } from './log-outline-repository.ts';
import { LogRepository } from './log-repository.ts';
import { LogTailsRepository } from './log-tails-repository.ts';
import { LossRepository } from './loss-repository.ts';
import { MasterKeys } from './master-keys.ts';
import { PlacementRepository } from './placement-repository.ts';
import { PolicyRepository } from './policy-repository.ts';
import { PortRepository } from './port-repository.ts';
import { RegistryRepository } from './registry-repository.ts';
import { RouteRepository } from './route-repository.ts';
import { RunArrayRepository } from './run-array-repository.ts';
import { RunInserter } from './run-inserter.ts';
import { RunRepository } from './run-repository.ts';
import { RunWrites } from './run-writes.ts';
import { SampleRepository } from './sample-repository.ts';
import { ScheduleRepository } from './schedule-repository.ts';
import { ScheduleStarts } from './schedule-starts.ts';
import { SecretRepository } from './secret-repository.ts';
import { SecretUsers } from './secret-users.ts';
import { SecretValues } from './secret-values.ts';
import { SegmentReader } from './segment-reader.ts';
import { SegmentRepository } from './segment-repository.ts';
import { ServiceRepository } from './service-repository.ts';
import { ServiceSteps } from './service-steps.ts';
import { SessionRepository } from './session-repository.ts';
import { SettingsRepository } from './settings-repository.ts';
import { StatisticsRepository } from './statistics-repository.ts';
import { SweepRepository } from './sweep-repository.ts';
import { TokenRepository } from './token-repository.ts';
import { VolumeCareRepository } from './volume-care-repository.ts';
import { VolumeRepository } from './volume-repository.ts';
import { WorkspaceRepository } from './workspace-repository.ts';

const REPOSITORIES = [
  AgentUpdateRepository,
  AgentUpdateSteps,
  DataKeys,
  AppliedRepository,
  HostKeyRepository,
  HostMapRepository,
  HostRepository,
  IdempotencyRepository,
  ImageCheckRepository,
  JoinTokenRepository,
  KeyRewrap,
  MasterKeys,
  PolicyRepository,
  PortRepository,
  RouteRepository,
  RunArrayRepository,
  RunInserter,
  RunWrites,
  SampleRepository,
  ScheduleRepository,
  ScheduleStarts,
  SecretRepository,
  SecretUsers,
  SecretValues,
  SegmentReader,
  SegmentRepository,
  ServiceRepository,
  ServiceSteps,
  SettingsRepository,
  StatisticsRepository,
  SweepRepository,
  TokenRepository,
  VolumeCareRepository,
  VolumeRepository,
  WorkspaceRepository,
  PlacementRepository,
  SessionRepository,
  LivenessRepository,
  LossRepository,
  IngestRepository,
  LogOutlineRepository,
  LogRepository,
  LogTailsRepository,
  EventRepository,
  DispatchRepository,
  DrainRepository,
  RegistryRepository,
  RunRepository,
];

@Global()
@Module({
  providers: [
    {
      provide: Database,
      useFactory: (env: Env) => new Database({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE }),
      inject: [ENV],
    },
    ...REPOSITORIES,
  ],
  exports: [Database, ...REPOSITORIES],
})
export class PersistenceModule {}
