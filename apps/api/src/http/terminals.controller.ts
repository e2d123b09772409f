/** Terminals of a run, to be used over the console's socket. */
import {
  type OpenTerminal,
  openTerminalSchema,
  type Terminal,
  type Terminals,
  terminalSchema,
  terminalsSchema,
} from '@berth/shared/http/terminals';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { UseTerminalCommand } from '../commands/use-terminal.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs/:id/terminals')
export class TerminalsController {
  constructor(private readonly terminals: UseTerminalCommand) {}

  /** Not repeatable by a key: each is a shell of its own. */
  @Post()
  @Documented({
    id: 'openTerminal',
    summary: 'Open a terminal in the container of a run',
    answer: terminalSchema,
    status: 201,
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request'],
  })
  open(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @Body({ schema: openTerminalSchema }) body: OpenTerminal,
  ): Promise<Terminal> {
    return this.terminals.open(workspace.id, id, caller.actor, body);
  }

  @Get()
  @Documented({
    id: 'listTerminals',
    summary: 'The terminals of a run, those that have ended a while ago left out',
    answer: terminalsSchema,
    problems: ['not-found', 'conflict', 'unavailable'],
  })
  list(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<Terminals> {
    return this.terminals.list(workspace.id, id);
  }

  @Delete(':terminal')
  @HttpCode(204)
  @Documented({ id: 'endTerminal', summary: 'End a terminal', problems: ['not-found', 'conflict', 'unavailable'], status: 204 })
  end(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Param('terminal', { schema: idParamSchema }) terminal: string,
  ): Promise<void> {
    return this.terminals.end(workspace.id, id, terminal);
  }
}
