/** Updates of agents go on a step at a time, from what Postgres says now, in whichever replica comes first. */
import { BerthError } from '@berth/shared/errors/problem';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AgentUpdateSteps, type AskedHost } from '../persistence/agent-update-steps.ts';
import { planAgentUpdate } from '../planning/agent-updates/plan-agent-update.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { HostCalls } from './host-calls.ts';

const TICK_MS = 1_000;

@Injectable()
export class AgentUpdates implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('AgentUpdates');
  private timer: NodeJS.Timeout | undefined;
  private failing = false;
  private closing = false;

  constructor(
    private readonly steps: AgentUpdateSteps,
    private readonly calls: HostCalls,
    private readonly wakeups: Wakeups,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (!this.closing) this.timer = setTimeout(() => void this.tick().finally(() => this.schedule()), TICK_MS);
  }

  private async tick(): Promise<void> {
    try {
      for (const id of await this.steps.unfinished()) {
        const workspaceId = await this.steps.step(id, planAgentUpdate);
        if (workspaceId !== null) this.wakeups.notify(`events:${workspaceId}`);
      }
      // Not waited for: an agent that gives no answer holds nobody else up.
      for (const host of await this.steps.claim()) void this.ask(host);
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.closing) this.warn(error);
      this.failing = true;
    }
  }

  /** An agent that is asked twice does it once. Never rejects. */
  private async ask(host: AskedHost): Promise<void> {
    const { updateId: update, version, sha256, bytes } = host;
    try {
      await this.calls.call<'agent.update'>(host, '', { name: 'agent.update', update, version, sha256, bytes });
      await this.steps.begun(host);
    } catch (error) {
      if (error instanceof BerthError && error.code === 'conflict') {
        await this.steps.refused(host, error.detail).catch((failure: unknown) => this.warn(failure));
      } else if (!(error instanceof BerthError)) this.warn(error);
    }
  }

  private warn(error: unknown): void {
    this.log.warn(`cannot go on with updates of agents now: ${error instanceof Error ? error.message : String(error)}`);
  }
}
