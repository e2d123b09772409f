/** REST: controllers and what only they need. */
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AgentsModule } from '../agents/agents.module.ts';
import { Admission } from '../commands/admission.ts';
import { ApplyManifestsCommand } from '../commands/apply-manifests.ts';
import { CallContainerCommand } from '../commands/call-container.ts';
import { ChangeHostKeyCommand } from '../commands/change-host-key.ts';
import { ChangeScheduleCommand } from '../commands/change-schedule.ts';
import { ChangeSecretCommand } from '../commands/change-secret.ts';
import { ChangeVolumeCommand } from '../commands/change-volume.ts';
import { ContainerFilesCommand } from '../commands/container-files.ts';
import { CreateJoinTokenCommand } from '../commands/create-join-token.ts';
import { CreateRegistryCommand } from '../commands/create-registry.ts';
import { CreateRunCommand } from '../commands/create-run.ts';
import { CreateRunArrayCommand } from '../commands/create-run-array.ts';
import { CreateScheduleCommand } from '../commands/create-schedule.ts';
import { CreateTokenCommand } from '../commands/create-token.ts';
import { DrainHostCommand } from '../commands/drain-host.ts';
import { EndRunCommand } from '../commands/end-run.ts';
import { EndRunArrayCommand } from '../commands/end-run-array.ts';
import { EnrolHostCommand } from '../commands/enrol-host.ts';
import { ExplainRunPlacementCommand } from '../commands/explain-run-placement.ts';
import { ExportManifestsCommand } from '../commands/export-manifests.ts';
import { GiveUpCommand } from '../commands/give-up.ts';
import { KeepServiceCommand } from '../commands/keep-service.ts';
import { LookAtImageCommand } from '../commands/look-at-image.ts';
import { Conditions } from '../commands/manifests/conditions.ts';
import { Kinds } from '../commands/manifests/kinds.ts';
import { RegistryKind } from '../commands/manifests/registry-kind.ts';
import { RunKind } from '../commands/manifests/run-kind.ts';
import { ScheduleKind } from '../commands/manifests/schedule-kind.ts';
import { ServiceKind } from '../commands/manifests/service-kind.ts';
import { VolumeKind } from '../commands/manifests/volume-kind.ts';
import { RemoveHostCommand } from '../commands/remove-host.ts';
import { RunScheduleNowCommand } from '../commands/run-schedule-now.ts';
import { SteerRunCommand } from '../commands/steer-run.ts';
import { TarTransfers } from '../commands/tar-transfers.ts';
import { UpdateAgentsCommand } from '../commands/update-agents.ts';
import { UpdateHostCommand } from '../commands/update-host.ts';
import { UpdateRunCommand } from '../commands/update-run.ts';
import { UpdateSettingsCommand } from '../commands/update-settings.ts';
import { UseTerminalCommand } from '../commands/use-terminal.ts';
import { VolumeAdmission } from '../commands/volume-admission.ts';
import { VolumeContentCommand } from '../commands/volume-content.ts';
import { WriteInputCommand } from '../commands/write-input.ts';
import { LineWalk } from '../logs/line-walk.ts';
import { LogSearch } from '../logs/log-search.ts';
import { ScanThreads } from '../logs/scan-threads.ts';
import { SearchTurns } from '../logs/search-turns.ts';
import { AgentUpdatesController } from './agent-updates.controller.ts';
import { AgentsController } from './agents.controller.ts';
import { AuthGuard } from './auth.guard.ts';
import { EventsController } from './events.controller.ts';
import { HostMapController } from './host-map.controller.ts';
import { HostsController } from './hosts.controller.ts';
import { InstallController } from './install.controller.ts';
import { JoinTokensController } from './join-tokens.controller.ts';
import { LongResponses } from './long-responses.ts';
import { ManifestsController } from './manifests.controller.ts';
import { ProblemFilter } from './problem.filter.ts';
import { RegistriesController } from './registries.controller.ts';
import { RunArraysController } from './run-arrays.controller.ts';
import { RunContainerController } from './run-container.controller.ts';
import { RunFilesController } from './run-files.controller.ts';
import { RunInputController } from './run-input.controller.ts';
import { RunLog } from './run-log.ts';
import { RunLogsController } from './run-logs.controller.ts';
import { RunPlacementController } from './run-placement.controller.ts';
import { RunWaiter } from './run-waiter.ts';
import { RunsController } from './runs.controller.ts';
import { SchedulesController } from './schedules.controller.ts';
import { SecretsController } from './secrets.controller.ts';
import { ServerSentEvents } from './server-sent-events.ts';
import { ServicesController } from './services.controller.ts';
import { SessionController } from './session.controller.ts';
import { SettingsController } from './settings.controller.ts';
import { StatsController } from './stats.controller.ts';
import { TerminalsController } from './terminals.controller.ts';
import { TokensController } from './tokens.controller.ts';
import { ContractPipe } from './validation.pipe.ts';
import { VolumesController } from './volumes.controller.ts';

@Module({
  imports: [AgentsModule],
  controllers: [
    SessionController,
    RunsController,
    ServicesController,
    RunPlacementController,
    RunLogsController,
    SettingsController,
    StatsController,
    TerminalsController,
    RunContainerController,
    RunFilesController,
    RunInputController,
    HostMapController,
    HostsController,
    AgentUpdatesController,
    JoinTokensController,
    ManifestsController,
    RegistriesController,
    SchedulesController,
    RunArraysController,
    SecretsController,
    TokensController,
    VolumesController,
    EventsController,
    AgentsController,
    InstallController,
  ],
  providers: [
    Admission,
    ApplyManifestsCommand,
    ExportManifestsCommand,
    Conditions,
    Kinds,
    RegistryKind,
    RunKind,
    ScheduleKind,
    ServiceKind,
    VolumeKind,
    CallContainerCommand,
    ChangeHostKeyCommand,
    ChangeVolumeCommand,
    ChangeScheduleCommand,
    CreateScheduleCommand,
    RunScheduleNowCommand,
    ChangeSecretCommand,
    ContainerFilesCommand,
    CreateRunCommand,
    CreateRunArrayCommand,
    EndRunArrayCommand,
    DrainHostCommand,
    EndRunCommand,
    UpdateAgentsCommand,
    UpdateHostCommand,
    ExplainRunPlacementCommand,
    UpdateRunCommand,
    UpdateSettingsCommand,
    CreateJoinTokenCommand,
    EnrolHostCommand,
    GiveUpCommand,
    KeepServiceCommand,
    LookAtImageCommand,
    SteerRunCommand,
    TarTransfers,
    UseTerminalCommand,
    VolumeAdmission,
    VolumeContentCommand,
    WriteInputCommand,
    RemoveHostCommand,
    CreateRegistryCommand,
    CreateTokenCommand,
    LongResponses,
    RunLog,
    LogSearch,
    LineWalk,
    ScanThreads,
    SearchTurns,
    RunWaiter,
    ServerSentEvents,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: ContractPipe },
  ],
})
export class HttpModule {}
