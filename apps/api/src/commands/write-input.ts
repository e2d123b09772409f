/** The standard input of a run's main process: its host writes it, now, and at most once. What the process writes is in its log. */
import { BerthError } from '@berth/shared/errors/problem';
import type { InputWritten } from '@berth/shared/http/run-input';
import type { Attempt, Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { HostCalls } from '../agents/host-calls.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { RunWrites } from '../persistence/run-writes.ts';
import { Wakeups } from '../realtime/wakeups.ts';

const RUNS = ['running', 'stopping'];

@Injectable()
export class WriteInputCommand {
  constructor(
    private readonly runs: RunRepository,
    private readonly writes: RunWrites,
    private readonly calls: HostCalls,
    private readonly wakeups: Wakeups,
  ) {}

  /** Noted as an event before it is done, as a command is. Throws BerthError `conflict` where not all of it was taken, and says how much was. */
  async write(workspaceId: string, runId: string, actor: string, data: Buffer, end: boolean): Promise<InputWritten> {
    const attempt = await this.find(workspaceId, runId, end);
    await this.note(workspaceId, runId, actor, data.length, end);
    await this.send(attempt, data, end);
    return { bytes: data.length, ended: end };
  }

  /** `bytes` null: keys, from now on. */
  async note(workspaceId: string, runId: string, actor: string, bytes: number | null, end: boolean): Promise<void> {
    await this.writes.noteInput({ workspaceId, runId, actor }, bytes, end);
    this.wakeups.notify(`events:${workspaceId}`);
  }

  /** Throws BerthError where the run has none, running or not. */
  async demand(workspaceId: string, runId: string): Promise<Run> {
    const run = await this.runs.get(workspaceId, runId);
    if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
    if (!run.spec.stdin) throw new BerthError('conflict', 'The run has no standard input: it was not asked for with stdin.');
    return run;
  }

  /** Throws BerthError where there is nothing to be written to. `end`: it is to be ended, too. */
  async find(workspaceId: string, runId: string, end = false): Promise<Attempt> {
    const { spec, status } = await this.demand(workspaceId, runId);
    const attempt = status.attempts.at(-1);
    if (end && !spec.tty && !spec.stdinOnce) {
      throw new BerthError('conflict', 'The standard input of the run cannot be ended: it was not asked for with stdinOnce.');
    }
    if (!attempt || !RUNS.includes(status.phase)) {
      throw new BerthError('conflict', `The run is ${status.phase}, and input needs a container that runs.`);
    }
    return attempt;
  }

  /** In the order of the calls: nothing is awaited before it is on its way. */
  async send(attempt: Attempt, data: Buffer, end: boolean): Promise<void> {
    const call = { name: 'stdin.write', data: data.toString('base64'), end } as const;
    const { written, ended } = await this.calls.call<'stdin.write'>(attempt, attempt.id, call);
    if (written === data.length && ended === end) return;
    const bytes = `${written} of ${data.length} bytes were taken, and no more was sent`;
    throw new BerthError('conflict', `The process does not read its standard input: ${bytes}.`);
  }

  async resize(attempt: Attempt, columns: number, rows: number): Promise<void> {
    await this.calls.call<'tty.resize'>(attempt, attempt.id, { name: 'tty.resize', columns, rows });
  }
}
