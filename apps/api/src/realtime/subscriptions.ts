/** What a console can subscribe to, as streams of pushes. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Push, Subscribe } from '@berth/shared/events/console-socket';
import type { HostFilter } from '@berth/shared/model/host-map';
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { EventRepository } from '../persistence/event-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { SampleStream } from '../stats/sample-stream.ts';
import { EventStream } from './event-stream.ts';
import { HostMaps } from './host-maps.ts';
import { RunStream } from './run-stream.ts';

export interface OpenSubscription {
  /** For the answer: where the stream begins. */
  cursor: string | number | null;
  pushes: AsyncIterable<Push>;
}

@Injectable()
export class Subscriptions {
  constructor(
    private readonly events: EventRepository,
    private readonly runs: RunRepository,
    private readonly eventStream: EventStream,
    private readonly runStream: RunStream,
    private readonly samples: SampleStream,
    private readonly hostMaps: HostMaps,
  ) {}

  /** Throws BerthError `not-found` for a run that is not in the workspace. */
  async open(
    workspaceId: string,
    wanted: Exclude<Subscribe, { channel: 'log' | 'terminal' | 'input' }>,
    signal: AbortSignal,
  ): Promise<OpenSubscription> {
    switch (wanted.channel) {
      case 'events': {
        const cursor = wanted.after ?? (await this.events.head(workspaceId));
        return { cursor, pushes: this.pushEvents(workspaceId, cursor, wanted.sub, signal) };
      }
      case 'hosts':
        return { cursor: null, pushes: this.pushHosts(workspaceId, wanted.filter, wanted.sub, signal) };
      case 'run':
        await this.demandRun(workspaceId, wanted.run);
        return { cursor: null, pushes: this.pushRun(workspaceId, wanted.run, wanted.sub, signal) };
      case 'stats':
        if (wanted.run !== null) await this.demandRun(workspaceId, wanted.run);
        return { cursor: null, pushes: this.pushSamples(workspaceId, wanted.run, wanted.sub, signal) };
    }
  }

  /** Where the log of a run ends at present. Throws BerthError `not-found` for a run that is not in the workspace. */
  async logEnd(workspaceId: string, runId: string): Promise<number> {
    return (await this.demandRun(workspaceId, runId)).status.logBytes;
  }

  private async demandRun(workspaceId: string, runId: string): Promise<Run> {
    const run = await this.runs.get(workspaceId, runId);
    if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
    return run;
  }

  private async *pushEvents(workspaceId: string, after: string, sub: string, signal: AbortSignal): AsyncGenerator<Push> {
    for await (const { events, cursor } of this.eventStream.follow(workspaceId, after, signal)) {
      yield { channel: 'events', sub, events, cursor };
    }
  }

  private async *pushHosts(workspaceId: string, filter: HostFilter, sub: string, signal: AbortSignal): AsyncGenerator<Push> {
    for await (const change of this.hostMaps.follow(workspaceId, filter, signal)) yield { channel: 'hosts', sub, ...change };
  }

  private async *pushSamples(workspaceId: string, runId: string | null, sub: string, signal: AbortSignal): AsyncGenerator<Push> {
    for await (const samples of this.samples.follow(workspaceId, runId, signal)) {
      yield { channel: 'stats', sub, samples: samples.map(({ run, sample }) => ({ run, sample })) };
    }
  }

  private async *pushRun(workspaceId: string, runId: string, sub: string, signal: AbortSignal): AsyncGenerator<Push> {
    for await (const run of this.runStream.follow(workspaceId, runId, signal)) yield { channel: 'run', sub, run };
    if (!signal.aborted) yield { channel: 'ended', sub, code: 'not-found', detail: `The run ${runId} was deleted.` };
  }
}
