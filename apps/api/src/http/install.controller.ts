/** What a machine fetches to become a host. Neither holds a secret: the join token is on the line that somebody pastes. */
import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AgentBundle } from '../install/agent-bundle.ts';
import { Documented } from './documented.ts';
import { Public } from './principal.decorators.ts';

@ApiTags('agents')
@Public()
@Controller()
export class InstallController {
  constructor(private readonly bundle: AgentBundle) {}

  @Get('install.sh')
  @Header('cache-control', 'no-cache')
  @Documented({
    id: 'installScript',
    summary: 'The script that makes a machine a host: curl -fsSL …/install.sh | sudo sh -s -- --join TOKEN',
    content: { 'text/x-shellscript': { description: 'For any POSIX shell' } },
  })
  script(@Res() reply: FastifyReply): void {
    reply.type('text/x-shellscript; charset=utf-8').send(this.bundle.script());
  }

  @Get('v1/agents/bundle')
  @Header('cache-control', 'no-cache')
  @Documented({
    id: 'agentBundle',
    summary: 'The agent in one file, for Node; its SHA-256 is in the ETag',
    content: { 'text/javascript': { description: 'A module for Node 22 or newer' } },
  })
  agent(@Res() reply: FastifyReply): void {
    const { content, sha256 } = this.bundle.read();
    reply.type('text/javascript; charset=utf-8').header('etag', `"${sha256}"`).send(content);
  }
}
