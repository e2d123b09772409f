/** Wake-ups, and the streams that readers follow. */
import { Global, Module } from '@nestjs/common';
import { EventStream } from './event-stream.ts';
import { Handover } from './handover.ts';
import { HotLogs } from './hot-logs.ts';
import { LogStream } from './log-stream.ts';
import { OutputPace } from './output-pace.ts';
import { RedisWakeups } from './redis-wakeups.ts';
import { Wakeups } from './wakeups.ts';

@Global()
@Module({
  providers: [{ provide: Wakeups, useClass: RedisWakeups }, EventStream, Handover, HotLogs, LogStream, OutputPace],
  exports: [Wakeups, EventStream, Handover, HotLogs, LogStream, OutputPace],
})
export class RealtimeModule {}
