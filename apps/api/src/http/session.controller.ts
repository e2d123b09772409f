import { type Session, sessionSchema } from '@berth/shared/model/session';
import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Principal } from '../auth/principal.ts';
import { Documented } from './documented.ts';
import { Caller } from './principal.decorators.ts';

@ApiTags('session')
@ApiBearerAuth()
@Controller('v1/session')
export class SessionController {
  @Get()
  @Documented({
    id: 'getSession',
    summary: 'Who the caller is, and the workspaces that it may see',
    answer: sessionSchema,
    problems: ['unauthenticated'],
  })
  get(@Caller() caller: Principal): Session {
    return {
      kind: 'Session',
      principal:
        caller.kind === 'user'
          ? { type: 'user', id: caller.userId, email: caller.email, name: caller.name }
          : { type: 'token', id: caller.tokenId, name: caller.name },
      workspaces: caller.memberships.map(({ id, slug, name, role }) => ({ id, slug, name, role })),
    };
  }
}
