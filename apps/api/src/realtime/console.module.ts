/** The console's socket. Apart from RealtimeModule, because a process that only works off queues has no sign-in and no sockets. */
import { Module } from '@nestjs/common';
import { AgentsModule } from '../agents/agents.module.ts';
import { UseTerminalCommand } from '../commands/use-terminal.ts';
import { WriteInputCommand } from '../commands/write-input.ts';
import { AttachedInputs } from './attached-input.ts';
import { ConsoleGateway } from './console-gateway.ts';
import { HostMaps } from './host-maps.ts';
import { LogRooms } from './log-rooms.ts';
import { LogViewers } from './log-viewer.ts';
import { RunStream } from './run-stream.ts';
import { Subscriptions } from './subscriptions.ts';
import { TerminalViewers } from './terminal-viewer.ts';

@Module({
  providers: [
    ConsoleGateway,
    Subscriptions,
    RunStream,
    HostMaps,
    LogRooms,
    LogViewers,
    TerminalViewers,
    AttachedInputs,
    UseTerminalCommand,
    WriteInputCommand,
  ],
  imports: [AgentsModule],
})
export class ConsoleModule {}
