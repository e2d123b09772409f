/** Terminals in a run's container: they live with the agent of its host, and are asked for there, from whichever replica. */
import { BerthError } from '@berth/shared/errors/problem';
import type { OpenTerminal, Terminal, Terminals } from '@berth/shared/http/terminals';
import type { Attempt } from '@berth/shared/model/run';
import type { CallValues } from '@berth/shared/protocol/call';
import { Injectable } from '@nestjs/common';
import { HostCalls } from '../agents/host-calls.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { RunWrites } from '../persistence/run-writes.ts';
import { Wakeups } from '../realtime/wakeups.ts';

/** The better shell of those that the image has. */
const SHELL = ['/bin/sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash || exec sh'];
const SIZE = { columns: 80, rows: 24 } as const;
const READ_SECONDS = 20;

/** A terminal of an attempt, as it was found to be the reader's to use. */
export interface FoundTerminal {
  attempt: Attempt;
  terminal: string;
}

@Injectable()
export class UseTerminalCommand {
  constructor(
    private readonly runs: RunRepository,
    private readonly writes: RunWrites,
    private readonly calls: HostCalls,
    private readonly wakeups: Wakeups,
  ) {}

  /** Noted as an event before it is done, as a command is. */
  async open(workspaceId: string, runId: string, actor: string, asked: OpenTerminal): Promise<Terminal> {
    const { attempt, phase } = await this.attempt(workspaceId, runId);
    if (phase !== 'running' && phase !== 'stopping') {
      throw new BerthError('conflict', `The run is ${phase}, and a terminal needs a container that runs.`);
    }
    const { command = SHELL, columns = SIZE.columns, rows = SIZE.rows } = asked;
    await this.writes.noteExec({ workspaceId, runId, actor }, asked.command ?? ['a shell in a terminal']);
    this.wakeups.notify(`events:${workspaceId}`);
    const opened = await this.calls.call<'terminal.open'>(attempt, attempt.id, { name: 'terminal.open', command, columns, rows });
    return { id: opened.terminal, command, openedAt: new Date().toISOString(), ended: false };
  }

  async list(workspaceId: string, runId: string): Promise<Terminals> {
    const { attempt } = await this.attempt(workspaceId, runId);
    const { terminals } = await this.calls.call<'terminal.list'>(attempt, attempt.id, { name: 'terminal.list' });
    return { items: terminals };
  }

  async end(workspaceId: string, runId: string, terminal: string): Promise<void> {
    const { attempt } = await this.attempt(workspaceId, runId);
    await this.calls.call<'terminal.end'>(attempt, attempt.id, { name: 'terminal.end', terminal });
  }

  async find(workspaceId: string, runId: string, terminal: string): Promise<FoundTerminal> {
    return { attempt: (await this.attempt(workspaceId, runId)).attempt, terminal };
  }

  read({ attempt, terminal }: FoundTerminal, after: number): Promise<CallValues['terminal.read']> {
    const call = { name: 'terminal.read', terminal, after, waitSeconds: READ_SECONDS } as const;
    return this.calls.call<'terminal.read'>(attempt, attempt.id, call);
  }

  async write({ attempt, terminal }: FoundTerminal, data: string): Promise<void> {
    const call = { name: 'terminal.write', terminal, data: Buffer.from(data).toString('base64') } as const;
    await this.calls.call<'terminal.write'>(attempt, attempt.id, call);
  }

  async resize({ attempt, terminal }: FoundTerminal, columns: number, rows: number): Promise<void> {
    await this.calls.call<'terminal.resize'>(attempt, attempt.id, { name: 'terminal.resize', terminal, columns, rows });
  }

  private async attempt(workspaceId: string, runId: string) {
    const run = await this.runs.get(workspaceId, runId);
    if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
    const attempt = run.status.attempts.at(-1);
    if (!attempt) throw new BerthError('conflict', `The run is ${run.status.phase}: it has no container yet.`);
    return { attempt, phase: run.status.phase };
  }
}
