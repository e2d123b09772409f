import { type EnrolRequest, type EnrolResponse, enrolRequestSchema, enrolResponseSchema } from '@berth/shared/protocol/agent';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { EnrolHostCommand } from '../commands/enrol-host.ts';
import { Documented } from './documented.ts';
import { Public } from './principal.decorators.ts';

@ApiTags('agents')
@Controller('v1/agents')
export class AgentsController {
  constructor(private readonly enrolHost: EnrolHostCommand) {}

  /** The join token in the body is the credential. */
  @Post('enrol')
  @HttpCode(200)
  @Public()
  @Documented({
    id: 'enrolHost',
    summary: 'Enrol a machine as a host (called by the agent)',
    answer: enrolResponseSchema,
    problems: ['invalid-request', 'unauthenticated', 'conflict'],
  })
  enrol(@Body({ schema: enrolRequestSchema }) body: EnrolRequest): Promise<EnrolResponse> {
    return this.enrolHost.execute(body);
  }
}
