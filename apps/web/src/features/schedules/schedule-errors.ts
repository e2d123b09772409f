/** What the contract refuses of a schedule that was written in the form, at its fields. */
import type { CreateSchedule } from '@berth/shared/model/schedule';
import { type Wrong, wrongBy } from '../runs/wrong-fields.ts';
import { type ScheduleValues, scheduleFieldOf } from './schedule-values.ts';

/** The validator is large, and needed only now. */
export async function contractErrors(request: CreateSchedule, values: ScheduleValues): Promise<Wrong> {
  const { createScheduleSchema } = await import('@berth/shared/model/schedule');
  return wrongBy(createScheduleSchema.safeParse(request).error?.issues ?? [], values, scheduleFieldOf);
}
