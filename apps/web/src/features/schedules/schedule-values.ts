/** The form of a schedule and its spec, each from the other. Pure. What its runs are is written in the form of a run. */
import type { CreateSchedule, Overlap, ScheduleSpec } from '@berth/shared/model/schedule';
import { defined, EMPTY, type FieldError, type FormValues, fieldOf, fromRequest, number, toRequest } from '../runs/form-values.ts';
import { kept } from '../runs/kept.ts';

/** `name`: of the schedule, which its runs have, too. `labels` are those of its runs. */
export interface ScheduleValues extends FormValues {
  cron: string;
  timeZone: string;
  overlap: Overlap;
  startingDeadlineSeconds: string;
  keep: string;
}

export const emptyValues = (timeZone: string): ScheduleValues => ({
  ...EMPTY,
  cron: '0 * * * *',
  timeZone,
  overlap: 'forbid',
  startingDeadlineSeconds: '',
  keep: '',
});

export function fromSchedule(name: string, { template, ...spec }: ScheduleSpec): ScheduleValues {
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));
  return {
    ...fromRequest({ metadata: { name, labels: template.labels }, spec: template.spec }),
    cron: spec.cron,
    timeZone: spec.timeZone ?? 'UTC',
    overlap: spec.overlap ?? 'forbid',
    startingDeadlineSeconds: text(spec.startingDeadlineSeconds),
    keep: text(spec.keep),
  };
}

/** `before`: the spec that is changed. `errors`: only what cannot be written as a request at all; the contract judges the rest. */
export function toSchedule(values: ScheduleValues, before?: ScheduleSpec): { request: CreateSchedule; errors: FieldError[] } {
  const { request, errors } = fromValues(values);
  if (!before) return { request, errors };
  const { spec } = request;
  const untouched = fromValues(fromSchedule(values.name, before)).request.spec;
  const template = {
    ...kept(spec.template, untouched.template, before.template),
    spec: kept(spec.template.spec, untouched.template.spec, before.template.spec),
  };
  return { request: { ...request, spec: { ...kept(spec, untouched, before), template } }, errors };
}

function fromValues(values: ScheduleValues): { request: CreateSchedule; errors: FieldError[] } {
  const { request, errors } = toRequest(values);
  const count = (text: string) => (text.trim() === '' ? undefined : number(text));
  const spec: ScheduleSpec = defined({
    cron: values.cron.trim(),
    timeZone: values.timeZone.trim() === '' ? undefined : values.timeZone.trim(),
    overlap: values.overlap,
    startingDeadlineSeconds: count(values.startingDeadlineSeconds),
    keep: count(values.keep),
    template: defined({ labels: request.metadata?.labels, spec: request.spec }),
  });
  return { request: { metadata: { name: values.name.trim() }, spec }, errors };
}

const OWN_FIELDS: readonly string[] = ['cron', 'timeZone', 'overlap', 'startingDeadlineSeconds', 'keep'];

/** The field behind a path of the contract ("spec.template.spec.env.FOO"); null where no field stands for it. */
export function scheduleFieldOf(path: string, values: ScheduleValues): string | null {
  const [, inner] = /^spec\.template\.(.+)$/.exec(path) ?? [];
  if (inner !== undefined) return fieldOf(inner, values);
  if (path === 'metadata.name') return 'name';
  const [head = ''] = path.replace(/^spec\./, '').split('.');
  return OWN_FIELDS.includes(head) ? head : null;
}
