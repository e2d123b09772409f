import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ENV, type Env } from './env.ts';

@Global()
@Module({})
class EnvModule {}

/** Gives every provider the parsed environment under the token ENV. */
export function envModule(env: Env): DynamicModule {
  return { module: EnvModule, providers: [{ provide: ENV, useValue: env }], exports: [ENV] };
}
