/** A command in a run's container, and looks at it: on its host, by its agent, now. Nothing of it is desired state. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Changes, EngineView, Exec, ExecResult, Processes } from '@berth/shared/http/container';
import { compareContainer } from '@berth/shared/model/compare-container';
import type { Attempt, Run } from '@berth/shared/model/run';
import { EXEC_SECONDS } from '@berth/shared/protocol/call';
import { Injectable } from '@nestjs/common';
import { HostCalls } from '../agents/host-calls.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { RunWrites } from '../persistence/run-writes.ts';
import { Wakeups } from '../realtime/wakeups.ts';

const RUNS = ['running', 'stopping'];

@Injectable()
export class CallContainerCommand {
  constructor(
    private readonly runs: RunRepository,
    private readonly writes: RunWrites,
    private readonly calls: HostCalls,
    private readonly wakeups: Wakeups,
  ) {}

  /** Noted as an event before it is done: what somebody did in a container is told also where its answer was lost. */
  async exec(workspaceId: string, runId: string, actor: string, asked: Exec): Promise<ExecResult> {
    const attempt = await this.running(workspaceId, runId, 'a command');
    await this.writes.noteExec({ workspaceId, runId, actor }, asked.command);
    this.wakeups.notify(`events:${workspaceId}`);
    const { command, env = {}, workingDir = null, user = null, stdin, encoding = 'text', timeoutSeconds = EXEC_SECONDS.standard } = asked;
    const input = stdin === undefined ? null : Buffer.from(stdin, encoding === 'text' ? 'utf8' : 'base64').toString('base64');
    const done = await this.calls.call<'exec'>(attempt, attempt.id, {
      name: 'exec',
      command,
      env,
      workingDir,
      user,
      stdin: input,
      timeoutSeconds,
    });
    const output = ({ data, bytes }: { data: string; bytes: number }) => {
      const kept = Buffer.from(data, 'base64');
      return { data: encoding === 'text' ? kept.toString('utf8') : data, bytes, truncated: bytes > kept.length };
    };
    return {
      exitCode: done.exitCode,
      timedOut: done.exitCode === null,
      stillRunning: done.running,
      encoding,
      stdout: output(done.stdout),
      stderr: output(done.stderr),
    };
  }

  async processes(workspaceId: string, runId: string): Promise<Processes> {
    const attempt = await this.running(workspaceId, runId, 'a list of processes');
    return this.calls.call<'processes'>(attempt, attempt.id, { name: 'processes' });
  }

  async changes(workspaceId: string, runId: string): Promise<Changes> {
    const { attempt } = await this.placed(workspaceId, runId);
    return this.calls.call<'changes'>(attempt, attempt.id, { name: 'changes' });
  }

  async inspect(workspaceId: string, runId: string): Promise<EngineView> {
    const { run, attempt } = await this.placed(workspaceId, runId);
    const { engine } = await this.calls.call<'inspect'>(attempt, attempt.id, { name: 'inspect' });
    return { settings: compareContainer({ spec: run.spec, attempt, runId, digest: run.status.image.digest }, engine), engine };
  }

  private async running(workspaceId: string, runId: string, what: string): Promise<Attempt> {
    const { run, attempt } = await this.last(workspaceId, runId);
    if (!RUNS.includes(run.status.phase)) {
      throw new BerthError('conflict', `The run is ${run.status.phase}, and ${what} needs a container that runs.`);
    }
    return attempt;
  }

  /** Throws BerthError where the run has no container. */
  async placed(workspaceId: string, runId: string): Promise<{ run: Run; attempt: Attempt }> {
    const { run, attempt } = await this.last(workspaceId, runId);
    if (attempt.containerId === null) throw new BerthError('conflict', `The run is ${run.status.phase}: it has no container.`);
    return { run, attempt };
  }

  private async last(workspaceId: string, runId: string): Promise<{ run: Run; attempt: Attempt }> {
    const run = await this.runs.get(workspaceId, runId);
    if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
    const attempt = run.status.attempts.at(-1);
    if (!attempt) throw new BerthError('conflict', `The run is ${run.status.phase}: it has no container yet.`);
    return { run, attempt };
  }
}
