import { Global, Module } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { Database } from '../persistence/database.ts';
import { BetterAuthAuthenticator } from './authenticator.ts';
import { AUTH, createAuth } from './better-auth.ts';
import { Authenticator } from './principal.ts';

@Global()
@Module({
  providers: [
    { provide: AUTH, useFactory: (database: Database, env: Env) => createAuth(database, env), inject: [Database, ENV] },
    BetterAuthAuthenticator,
    { provide: Authenticator, useExisting: BetterAuthAuthenticator },
  ],
  exports: [AUTH, Authenticator, BetterAuthAuthenticator],
})
export class AuthModule {}
