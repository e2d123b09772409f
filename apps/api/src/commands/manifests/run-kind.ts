/** Runs in manifests: made once for each change of their manifest. What a run is cannot be changed, so another spec is another run. */
import { createHash } from 'node:crypto';
import { BerthError } from '@berth/shared/errors/problem';
import { isTerminal } from '@berth/shared/model/phase';
import { type CreateRun, createRunSchema, type Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import type { Applied } from '../../persistence/applied-repository.ts';
import { RunRepository } from '../../persistence/run-repository.ts';
import type { After } from '../../planning/manifests/model.ts';
import type { Present } from '../../planning/manifests/plan-apply.ts';
import { plain } from '../../planning/manifests/read-manifests.ts';
import { CreateRunCommand } from '../create-run.ts';
import { EndRunCommand } from '../end-run.ts';
import { UpdateRunCommand } from '../update-run.ts';
import { Conditions } from './conditions.ts';
import type { Caller, Desired, KindHandler, Reached } from './kind-handler.ts';

/** Its end is waited for where the new run needs its host ports. */
const SECONDS_FOR_ITS_END = 60;

@Injectable()
export class RunKind implements KindHandler {
  constructor(
    private readonly runs: RunRepository,
    private readonly createRun: CreateRunCommand,
    private readonly updateRun: UpdateRunCommand,
    private readonly endRun: EndRunCommand,
    private readonly conditions: Conditions,
  ) {}

  /** The run that an apply made; else one of the name that is under way and not at odds with the manifest is taken as its own. */
  async find(workspaceId: string, name: string, applied: Applied | undefined): Promise<Present | null> {
    const made = applied && (await this.runs.get(workspaceId, applied.resourceId));
    if (made) return presentOf(made);
    const other = await this.runs.activeNamed(workspaceId, name);
    return other && { ...presentOf(other), foreign: true };
  }

  async get(workspaceId: string, id: string): Promise<Present | null> {
    const run = await this.runs.get(workspaceId, id);
    return run && presentOf(run);
  }

  async list(workspaceId: string, limit: number): Promise<Present[]> {
    return (await this.runs.active(workspaceId, limit)).map(presentOf);
  }

  async check({ workspace, actor }: Caller, desired: Desired): Promise<void> {
    await this.createRun.check({ workspace, actor, body: bodyOf(desired) });
  }

  async create(caller: Caller, desired: Desired, applied: Applied | undefined, replaces?: Present): Promise<string> {
    if (replaces && replaces.ended === undefined) await this.end(caller, replaces, desired);
    const body = bodyOf(desired);
    const { workspace, actor } = caller;
    // With a blank no client can send it. Of two applies at once one makes the run, and the other finds it.
    const requestHash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    const claim = { key: `apply Run ${desired.name} ${applied?.version ?? 0} ${requestHash}`, requestHash };
    try {
      return (await this.createRun.execute({ workspace, actor, body, claim })).metadata.id;
    } catch (error) {
      // It was made, the apply was cut short, and somebody has deleted it: another one is wanted.
      if (!(error instanceof BerthError && error.code === 'not-found')) throw error;
      return (await this.createRun.execute({ workspace, actor, body })).metadata.id;
    }
  }

  /** Its version moves with each phase: what was found a moment ago is changed, whatever the run did since. */
  async update({ workspace, actor }: Caller, { id }: Present, { name, labels }: Desired): Promise<void> {
    await this.updateRun.execute({ workspaceId: workspace.id, runId: id, actor }, { metadata: { name, labels } });
  }

  async delete({ workspace, actor }: Caller, { id }: Present): Promise<void> {
    await this.endRun.delete({ workspaceId: workspace.id, runId: id, actor }, true);
  }

  async reached(workspaceId: string, id: string, until: After['until']): Promise<Reached> {
    const run = await this.runs.get(workspaceId, id);
    if (!run) return { state: 'never', message: 'it was deleted' };
    const { phase, message, exitCode, health } = run.status;
    if (until === 'applied') return { state: 'yes' };
    if (until === 'completed' && phase === 'exited' && exitCode === 0) return { state: 'yes' };
    if (isTerminal(phase)) return { state: 'never', message: `it has ended: ${message}` };
    return until === 'healthy' && health === 'healthy' ? { state: 'yes' } : { state: 'not-yet', message: `it is ${phase}` };
  }

  private async end({ workspace, actor }: Caller, before: Present, desired: Desired): Promise<void> {
    await this.endRun.stop({ workspaceId: workspace.id, runId: before.id, actor }, 'stop');
    const held = hostPortsOf(before);
    if (!hostPortsOf(desired).some((port) => held.includes(port))) return;
    const end = await this.conditions.wait(workspace.id, SECONDS_FOR_ITS_END, async (): Promise<Reached> => {
      const phase = await this.runs.phaseOf(workspace.id, before.id);
      return phase === null || isTerminal(phase) ? { state: 'yes' } : { state: 'not-yet', message: `it is ${phase}` };
    });
    if (end.state !== 'yes')
      throw new BerthError('conflict', `The run before was asked to stop and still holds its host port (${end.message}): apply again.`);
  }
}

const bodyOf = ({ name, labels, spec }: Desired): CreateRun => createRunSchema.parse({ metadata: { name, labels }, spec });

const hostPortsOf = ({ spec }: Pick<Desired, 'spec'>): string[] =>
  (createRunSchema.shape.spec.parse(spec).ports ?? []).flatMap(({ hostPort, protocol }) =>
    hostPort === undefined ? [] : [`${hostPort}/${protocol}`],
  );

function presentOf({ metadata, spec, status }: Run): Present {
  const { id, name, labels, resourceVersion: version } = metadata;
  const ended = isTerminal(status.phase) && {
    ended: status.exitCode === null ? `ended as ${status.phase}` : `exited with ${status.exitCode}`,
  };
  return { id, name, version, labels, spec: plain(spec), ...ended };
}
