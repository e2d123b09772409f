'use client';
import type { CreateSchedule, Schedule, ScheduleSpec } from '@berth/shared/model/schedule';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useId } from 'react';
import { FormProvider, useForm, useFormContext, useWatch } from 'react-hook-form';
import { ProblemError } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { FormErrors, messageAt, TextField } from '../runs/run-form-fields.tsx';
import { MoreSettings } from '../runs/run-form-more.tsx';
import { PlacementSettings } from '../runs/run-form-placement.tsx';
import { PairRows, PortRows } from '../runs/run-form-rows.tsx';
import { SecretRows } from '../runs/run-form-secrets.tsx';
import { VolumeRows } from '../runs/run-form-volumes.tsx';
import { useWrongFields } from '../runs/use-wrong-fields.ts';
import { isNothing, together } from '../runs/wrong-fields.ts';
import { NextStarts, useNextStarts } from './next-starts.tsx';
import { scheduleCurl } from './schedule-curl.ts';
import { contractErrors } from './schedule-errors.ts';
import { OVERLAP_WORDS } from './schedule-state.ts';
import { type ScheduleValues, scheduleFieldOf, toSchedule } from './schedule-values.ts';

interface ScheduleFormProps {
  workspace: string;
  initial: ScheduleValues;
  /** What is changed; absent: it is a new one. */
  before?: ScheduleSpec;
  save: (request: CreateSchedule) => Promise<Schedule>;
}

/** When, and what: the run that each start makes is written as a run is. */
export function ScheduleForm({ workspace, initial, before, save }: ScheduleFormProps) {
  const router = useRouter();
  const cache = useQueryClient();
  const form = useForm<ScheduleValues>({ defaultValues: initial, shouldFocusError: true });
  const { problem, freePort, takePort, show, refuse, clear } = useWrongFields(form, scheduleFieldOf);

  const submit = form.handleSubmit(async (values) => {
    clear();
    const { request, errors } = toSchedule(values, before);
    const wrong = together(errors, await contractErrors(request, values));
    if (!isNothing(wrong)) return show(wrong);
    try {
      const { metadata } = await save(request);
      void cache.invalidateQueries({ queryKey: queryKeys.schedules(workspace) });
      router.push(paths.schedule(workspace, metadata.id));
      await new Promise(() => {}); // stays busy until the schedule's page is there
    } catch (cause) {
      refuse(cause, values);
    }
  });

  return (
    <FormProvider {...form}>
      <form
        onSubmit={(event) => void submit(event)}
        noValidate
        className="grid gap-x-8 gap-y-6 px-4 pb-8 md:px-6 xl:grid-cols-[minmax(0,640px)_minmax(0,1fr)]"
      >
        <div className="flex min-w-0 flex-col gap-5">
          {problem && <Failure>{problem}</Failure>}
          <TextField<ScheduleValues>
            name="name"
            label="Name"
            placeholder="nightly-report"
            hint={before ? 'It stays as it is.' : 'Its runs have it, too.'}
            readOnly={before !== undefined}
            mono
          />
          <Times workspace={workspace} />
          <Overlaps />
          <TextField<ScheduleValues> name="image" label="Image" placeholder="hello-world, nginx:1.29, ghcr.io/team/app@sha256:…" mono />
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField<ScheduleValues> name="command" label="Command" hint="Replaces the image's entrypoint." mono />
            <TextField<ScheduleValues> name="args" label="Arguments" hint="Replace the image's command." mono />
          </div>
          <PairRows name="env" title="Environment" noun="variable" placeholder={['NAME', 'value']} />
          <SecretRows />
          <PortRows freePort={freePort} onTake={takePort} />
          <VolumeRows />
          <MoreSettings of="schedule" />
          <PlacementSettings of="schedule" />
          <FormErrors />
          <div>
            <Button kind="primary" type="submit" busy={form.formState.isSubmitting}>
              {before ? 'Save' : 'Add the schedule'}
            </Button>
          </div>
        </div>
        <Equivalent workspace={workspace} before={before} />
      </form>
    </FormProvider>
  );
}

/** They are judged while they are written; the rest when it is sent. */
function Times({ workspace }: { workspace: string }) {
  const zones = useId();
  const [cron, timeZone] = useWatch<ScheduleValues, ['cron', 'timeZone']>({ name: ['cron', 'timeZone'] });
  const starts = useNextStarts(workspace, cron.trim(), timeZone.trim());
  const wrong = starts.error instanceof ProblemError ? (starts.error.problem.errors ?? []) : [];
  const live = (name: 'cron' | 'timeZone') => wrong.find(({ path }) => path === `spec.${name}`)?.message;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField<ScheduleValues>
          name="cron"
          label="Cron"
          hint="Minute, hour, day, month, weekday; six fields begin with the second."
          error={live('cron')}
          mono
        />
        <TextField<ScheduleValues>
          name="timeZone"
          label="Time zone"
          hint="As in “Europe/Berlin”; UTC where empty."
          error={live('timeZone')}
          list={zones}
          mono
        />
      </div>
      <datalist id={zones}>
        {timeZones().map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <NextStarts query={starts} />
    </>
  );
}

/** What the browser knows; any other that the server knows can be written, too. */
const timeZones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** What becomes of starts that are late, and of runs that have ended. */
function Overlaps() {
  const { register, formState } = useFormContext<ScheduleValues>();
  return (
    <>
      <Field label="If the run before has not ended" error={messageAt(formState.errors, 'overlap')}>
        {(ids) => (
          <select {...ids} {...register('overlap')} className="field">
            {Object.entries(OVERLAP_WORDS).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField<ScheduleValues>
          name="startingDeadlineSeconds"
          label="A missed start is made up for within"
          placeholder="60"
          hint="Seconds."
          inputMode="numeric"
          mono
        />
        <TextField<ScheduleValues>
          name="keep"
          label="Runs that are kept after their end"
          placeholder="10"
          hint="The newest; others are removed."
          inputMode="numeric"
          mono
        />
      </div>
    </>
  );
}

function Equivalent({ workspace, before }: { workspace: string; before: ScheduleSpec | undefined }) {
  const values = useWatch<ScheduleValues>() as ScheduleValues;
  const origin = useOrigin();
  return (
    <aside aria-label="The same from a terminal" className="min-w-0">
      <div className="xl:sticky xl:top-2">
        <h2 className="mb-2 font-medium">The same from a terminal</h2>
        <Code label="the curl line" text={scheduleCurl(origin, workspace, toSchedule(values, before).request)} />
        <p className="mt-2 text-sm text-muted">A token for it can be made under Tokens.</p>
      </div>
    </aside>
  );
}
