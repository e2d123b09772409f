/** The agents' side of the api: their sessions, what they report, and whether they are there. */
import { Module } from '@nestjs/common';
import { AgentGateway } from './agent-gateway.ts';
import { AgentSessions } from './agent-sessions.ts';
import { HostCalls } from './host-calls.ts';
import { Liveness } from './liveness.ts';
import { ReportIngest } from './report-ingest.ts';

@Module({ providers: [AgentGateway, AgentSessions, HostCalls, Liveness, ReportIngest], exports: [HostCalls, Liveness] })
export class AgentsModule {}
