/** A run that a schedule starts, and whether it would be admitted. */
import { BerthError } from '@berth/shared/errors/problem';
import type { ScheduleSpec } from '@berth/shared/model/schedule';
import type { NewRun } from '../persistence/run-inserter.ts';
import type { ScheduleRef } from '../persistence/schedule-starts.ts';
import type { Admission } from './admission.ts';
import { newRun } from './new-run.ts';

/**
 * It has the name of its schedule: names of runs need not differ, and each that does is one more among which parts of names are looked for.
 * Its variable BERTH_SCHEDULED_AT says which time it is for.
 */
export function runOfSchedule(ref: ScheduleRef, { template }: ScheduleSpec, scheduledAt: Date | null, actor: string, now: Date): NewRun {
  const env = { ...template.spec.env, BERTH_SCHEDULED_AT: (scheduledAt ?? now).toISOString() };
  const metadata = { name: ref.name, labels: template.labels ?? {} };
  const run = newRun({ id: ref.workspaceId, slug: ref.workspaceSlug }, actor, { metadata, spec: { ...template.spec, env } }, now);
  return { ...run, schedule_id: ref.id, schedule_name: ref.name, scheduled_at: scheduledAt };
}

export interface ScheduledAdmission {
  /** With the newest versions of its secrets, where it names none. */
  template: ScheduleSpec['template'];
  /** Null: admitted. Otherwise why not, as for somebody who asks for such a run. */
  refusal: BerthError | null;
}

export async function admissionOf(admission: Admission, ref: ScheduleRef, actor: string): Promise<ScheduledAdmission> {
  const { template } = ref.spec;
  try {
    const admitted = { ...template, spec: await admission.admitRun(ref.workspaceId, template.spec) };
    await admission.refuseTakenPorts(runOfSchedule(ref, { ...ref.spec, template: admitted }, null, actor, new Date()));
    return { template: admitted, refusal: null };
  } catch (error) {
    if (error instanceof BerthError) return { template, refusal: error };
    throw error;
  }
}

/** Its port is held by a run that is stopped for it: it waits until that has ended. */
export const isHeldByOne = ({ extra }: BerthError, replaced: readonly string[]): boolean =>
  extra.holder !== undefined && replaced.includes(extra.holder.runId);
