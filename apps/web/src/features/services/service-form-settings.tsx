'use client';
import type { ReactNode } from 'react';
import { useFormContext } from 'react-hook-form';
import { Field } from '../../ui/field.tsx';
import { messageAt, TextField } from '../runs/run-form-fields.tsx';
import { type ServiceValues, UPDATE_FIELDS } from './service-values.ts';

const SCALING = [
  'scaleMin',
  'scaleMax',
  'scaleCpu',
  'scaleMemory',
  'scaleUpWindow',
  'scaleDownWindow',
  'disruption',
  'spreadOver',
  'ownLabels',
] as const;

/** How it gets from one template to the next. */
export function RolloutSettings() {
  const { register, formState } = useFormContext<ServiceValues>();
  return (
    <Folded title="Roll-outs" fields={UPDATE_FIELDS}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Order" error={messageAt(formState.errors, 'order')}>
          {(ids) => (
            <select {...ids} {...register('order')} className="field">
              <option value="">Start first: the new before the old</option>
              <option value="stop-first">Stop first: never more than asked for</option>
            </select>
          )}
        </Field>
        <Field label="If it fails" error={messageAt(formState.errors, 'onFailure')}>
          {(ids) => (
            <select {...ids} {...register('onFailure')} className="field">
              <option value="">Roll back to the last good revision</option>
              <option value="pause">Stay where it is</option>
            </select>
          )}
        </Field>
        <Count name="maxSurge" label="Surge" placeholder="1" hint="Replicas beyond the count; 1, or 0 where stopped first." />
        <Count name="maxUnavailable" label="Unavailable" placeholder="0" hint="That may be missing; 0, or 1 where stopped first." />
        <Count name="canary" label="Canary" placeholder="0" hint="So many first; then it waits for a word." />
        <Count name="minReadySeconds" label="Ready for" placeholder="0" hint="Seconds until one counts as available." />
        <Count name="progressDeadlineSeconds" label="Progress within" placeholder="600" hint="Seconds; without any it has failed." />
        <Count
          name="drainSeconds"
          label="Drained for"
          placeholder="5"
          hint="Seconds without new requests before a stop; 0 without domains."
        />
      </div>
    </Folded>
  );
}

/** How many there are by what they use, and where they are. */
export function ScalingSettings() {
  return (
    <Folded title="Scaling by use, drains and labels" fields={SCALING}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Count name="scaleMin" label="At least" placeholder="2" hint="Replicas. None of these: no scaling by use." />
        <Count name="scaleMax" label="At most" placeholder="10" hint="Replicas." />
        <Count name="scaleCpu" label="CPU use" placeholder="70" hint="Per cent of each one's CPU that it aims at." />
        <Count name="scaleMemory" label="Memory use" placeholder="80" hint="Per cent of each one's memory that it aims at." />
        <Count name="scaleUpWindow" label="Goes up after" placeholder="0" hint="Seconds in which that many were wanted." />
        <Count name="scaleDownWindow" label="Goes down after" placeholder="300" hint="Seconds in which no more were wanted." />
        <Count name="disruption" label="A drain takes" placeholder="1" hint="So many at once, at most." />
        <TextField<ServiceValues>
          name="spreadOver"
          label="Apart by a label of the hosts"
          placeholder="zone"
          hint="By hosts where empty."
          mono
        />
      </div>
      <TextField<ServiceValues>
        name="ownLabels"
        label="Labels of the service"
        placeholder="team=blue, app=shop"
        hint="Those of its replicas stand below."
        mono
      />
    </Folded>
  );
}

interface CountProps {
  name: Exclude<(typeof UPDATE_FIELDS | typeof SCALING)[number], 'order' | 'onFailure' | 'spreadOver' | 'ownLabels'>;
  label: string;
  placeholder: string;
  hint: string;
}

function Count(props: CountProps) {
  return <TextField<ServiceValues> {...props} inputMode="numeric" mono />;
}

/** Open where something in it is set or wrong. */
function Folded({ title, fields, children }: { title: string; fields: readonly (keyof ServiceValues)[]; children: ReactNode }) {
  const { formState, getValues } = useFormContext<ServiceValues>();
  const values = getValues();
  const open = fields.some((name) => values[name] !== '' || formState.errors[name] !== undefined);
  return (
    <details open={open || undefined} className="group rounded-lg border border-line">
      <summary className="list-none px-3 py-2 font-medium">
        <span aria-hidden="true" className="mr-2 inline-block text-muted transition-transform group-open:rotate-90">
          ›
        </span>
        {title}
      </summary>
      <div className="flex flex-col gap-4 border-t border-line p-3">{children}</div>
    </details>
  );
}
