'use client';
import type { CreateSchedule, Schedule, ScheduleSpec } from '@berth/shared/model/schedule';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { ProblemError } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { NextStarts, useNextStarts } from './next-starts.tsx';
import { scheduleCurl } from './schedule-curl.ts';
import { OVERLAP_WORDS } from './schedule-state.ts';
import { errorsByField, type FieldErrors, type FieldName, type ScheduleValues, toRequest } from './schedule-values.ts';

interface ScheduleFormProps {
  workspace: string;
  initial: ScheduleValues;
  /** What is changed; absent: it is a new one. */
  before?: ScheduleSpec;
  save: (request: CreateSchedule) => Promise<Schedule>;
}

export function ScheduleForm({ workspace, initial, before, save }: ScheduleFormProps) {
  const router = useRouter();
  const cache = useQueryClient();
  const origin = useOrigin();
  const zones = useId();
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [busy, setBusy] = useState(false);
  const starts = useNextStarts(workspace, values.cron.trim(), values.timeZone.trim());
  const set = (name: FieldName, value: string) => {
    setValues((now) => ({ ...now, [name]: value }));
    setErrors((now) => ({ ...now, [name]: undefined }));
  };
  // The times are judged while they are written; the rest when it is sent.
  const live = starts.error instanceof ProblemError ? errorsByField(starts.error.problem.errors ?? []) : {};
  const errorOf = (name: FieldName) => sentence(errors[name] ?? (name === 'cron' || name === 'timeZone' ? live[name] : undefined));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const { request, errors: wrong } = toRequest(values, before);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    try {
      const { metadata } = await save(request);
      void cache.invalidateQueries({ queryKey: queryKeys.schedules(workspace) });
      router.push(paths.schedule(workspace, metadata.id));
    } catch (cause) {
      setBusy(false);
      if (!(cause instanceof ProblemError)) throw cause;
      const named = errorsByField(cause.problem.errors ?? []);
      setErrors(Object.keys(named).length > 0 ? named : { rest: cause.message });
    }
  };

  const text = (
    name: FieldName,
    label: string,
    rest: { hint?: ReactNode; placeholder?: string; list?: string; numeric?: boolean } = {},
  ) => (
    <Field label={label} hint={rest.hint} error={errorOf(name)}>
      {(ids) => (
        <input
          {...ids}
          value={values[name]}
          onChange={(event) => set(name, event.target.value)}
          readOnly={name === 'name' && before !== undefined}
          placeholder={rest.placeholder}
          list={rest.list}
          inputMode={rest.numeric ? 'numeric' : undefined}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="field font-mono text-sm"
        />
      )}
    </Field>
  );
  const count = Object.values(errors).filter(Boolean).length;
  return (
    <form
      onSubmit={(event) => void submit(event)}
      noValidate
      className="grid gap-x-8 gap-y-6 px-4 pb-8 md:px-6 xl:grid-cols-[minmax(0,640px)_minmax(0,1fr)]"
    >
      <div className="flex min-w-0 flex-col gap-5">
        {errors.rest && <Failure>{errors.rest}</Failure>}
        {text('name', 'Name', { placeholder: 'nightly-report', hint: before ? 'It stays as it is.' : 'Its runs have it, too.' })}
        <div className="grid gap-4 sm:grid-cols-2">
          {text('cron', 'Cron', { hint: 'Minute, hour, day, month, weekday; six fields begin with the second.' })}
          {text('timeZone', 'Time zone', { list: zones, hint: 'As in “Europe/Berlin”; UTC where empty.' })}
        </div>
        <datalist id={zones}>
          {timeZones().map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <NextStarts query={starts} />
        {text('image', 'Image', { placeholder: 'hello-world, nginx:1.29, ghcr.io/team/app@sha256:…' })}
        <div className="grid gap-4 sm:grid-cols-2">
          {text('command', 'Command', { hint: 'Replaces the image’s entrypoint.' })}
          {text('args', 'Arguments', { hint: 'Replace the image’s command.' })}
        </div>
        <Field label="Environment" hint="One a line: NAME=value" error={errorOf('env')}>
          {(ids) => (
            <textarea
              {...ids}
              value={values.env}
              onChange={(event) => set('env', event.target.value)}
              rows={3}
              spellCheck={false}
              className="field !h-auto py-1.5 font-mono text-sm"
            />
          )}
        </Field>
        <Field label="If the run before has not ended" error={errorOf('overlap')}>
          {(ids) => (
            <select {...ids} value={values.overlap} onChange={(event) => set('overlap', event.target.value)} className="field">
              {Object.entries(OVERLAP_WORDS).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          {text('startingDeadlineSeconds', 'A missed start is made up for within', { placeholder: '60', hint: 'Seconds.', numeric: true })}
          {text('keep', 'Runs that are kept after their end', {
            placeholder: '10',
            hint: 'The newest; others are removed.',
            numeric: true,
          })}
        </div>
        {before && (
          <p className="text-sm text-muted">
            What else its runs are asked for (limits, ports, labels …) stays as it is, and can be changed over REST.
          </p>
        )}
        <p role="status" className="text-state-red empty:hidden">
          {count > 0 && (count === 1 ? 'One thing needs a change.' : `${count} things need a change.`)}
        </p>
        <div>
          <Button kind="primary" type="submit" busy={busy}>
            {before ? 'Save' : 'Add the schedule'}
          </Button>
        </div>
      </div>
      <aside aria-label="The same from a terminal" className="min-w-0">
        <div className="xl:sticky xl:top-2">
          <h2 className="mb-2 font-medium">The same from a terminal</h2>
          <Code label="the curl line" text={scheduleCurl(origin, workspace, toRequest(values, before).request)} />
          <p className="mt-2 text-sm text-muted">A token for it can be made under Tokens.</p>
        </div>
      </aside>
    </form>
  );
}

const sentence = (message: string | undefined) => message && message[0]?.toUpperCase() + message.slice(1);

/** What the browser knows; any other that the server knows can be written, too. */
const timeZones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];
