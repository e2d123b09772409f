/** The agents' side of the api: their sessions, what they report, and whether they are there. */
import { Module } from '@nestjs/common';
import { AgentGateway } from './agent-gateway.ts';
import { AgentSessions } from './agent-sessions.ts';
import { AgentUpdates } from './agent-updates.ts';
import { AssignmentReader } from './assignment-reader.ts';
import { HostCalls } from './host-calls.ts';
import { KeyRotation } from './key-rotation.ts';
import { Liveness } from './liveness.ts';
import { ReportIngest } from './report-ingest.ts';
import { VolumeCare } from './volume-care.ts';

@Module({
  providers: [AgentGateway, AgentSessions, AgentUpdates, AssignmentReader, HostCalls, KeyRotation, Liveness, ReportIngest, VolumeCare],
  exports: [HostCalls, KeyRotation, Liveness, VolumeCare],
})
export class AgentsModule {}
