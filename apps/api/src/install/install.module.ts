/** The agent that this Berth has to offer: for those who serve it, and for those who compare with it. */
import { Global, Module } from '@nestjs/common';
import { AgentBundle } from './agent-bundle.ts';

@Global()
@Module({ providers: [AgentBundle], exports: [AgentBundle] })
export class InstallModule {}
