/** Admission of a run array: all of its runs are stored, or none. */
import { BerthError } from '@berth/shared/errors/problem';
import { encodeId, newId } from '@berth/shared/model/ids';
import type { CreateRunArray, RunArray } from '@berth/shared/model/run-array';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { RunArrayRepository } from '../persistence/run-array-repository.ts';
import type { NewRun } from '../persistence/run-inserter.ts';
import { countOf, specAt, wrongReferences } from '../planning/arrays/expand-array.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { Admission } from './admission.ts';
import { newRun } from './new-run.ts';

@Injectable()
export class CreateRunArrayCommand {
  constructor(
    private readonly arrays: RunArrayRepository,
    private readonly admission: Admission,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  async execute(workspace: WorkspaceRef, actor: string, body: CreateRunArray, claim?: IdempotencyClaim): Promise<RunArray> {
    const { metadata } = body;
    const errors = wrongReferences(body.spec);
    const [wrong] = errors;
    if (wrong) throw new BerthError('invalid-request', `${wrong.path}: ${wrong.message}`, { errors });
    const now = new Date();
    const id = newId('runArray', now.getTime());
    const { template } = body.spec;
    const spec = {
      ...body.spec,
      template: { ...template, spec: await this.admission.admitRun(workspace.id, template.spec, 'spec.template.spec') },
    };
    const total = countOf(spec);
    const runAt = (index: number) => runOfArray(workspace, actor, id, { metadata, spec }, index, now);
    // They are all alike in what hosts could refuse.
    const first = runAt(0);
    await this.admission.refuseTakenPorts(first);
    const runs = {
      *[Symbol.iterator]() {
        for (let index = 0; index < total; index++) yield runAt(index);
      },
    };
    const { name, labels = {} } = metadata;
    const earlier = await this.arrays.insert({ id, workspaceId: workspace.id, name, labels, spec, total, actor, runs }, claim);
    if (!earlier) {
      this.wakeups.notify(`events:${workspace.id}`);
      void this.queues.wakePlacement(workspace.id);
    }
    const array = await this.arrays.get(workspace.id, earlier?.resourceId ?? id);
    if (!array) throw new BerthError('not-found', 'The run array that this Idempotency-Key made was deleted.');
    return array;
  }
}

/** Named as the array is: names of runs need not differ, and each that does is one more among which parts of names are looked for. */
function runOfArray(workspace: WorkspaceRef, actor: string, arrayId: string, body: CreateRunArray, index: number, now: Date): NewRun {
  const { metadata, spec } = body;
  const run = newRun(
    workspace,
    actor,
    { metadata: { name: metadata.name, labels: spec.template.labels ?? {} }, spec: specAt(arrayId, spec, index) },
    now,
  );
  return { ...run, id: idAt(now, index), array_id: arrayId, array_name: metadata.name, array_index: index };
}

/** Ids in the order of the indexes: the list, and the scheduler, go by them. */
function idAt(now: Date, index: number): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  random[0] = index >> 8;
  random[1] = index & 0xff;
  return encodeId('run', now.getTime(), random);
}
