'use client';
import { useFormContext } from 'react-hook-form';
import { Field } from '../../ui/field.tsx';
import { type ArrayValues, NO_ARRAY } from './array-values.ts';
import { messageAt, TextField } from './run-form-fields.tsx';

const FIELDS = Object.keys(NO_ARRAY) as (keyof typeof NO_ARRAY)[];

/** The same many times: a run array. Open where something in it is set or wrong. */
export function SeveralSettings() {
  const { register, formState, getValues } = useFormContext<ArrayValues>();
  const values = getValues();
  const open = FIELDS.some((name) => values[name] !== '' || formState.errors[name] !== undefined);
  return (
    <details open={open || undefined} className="group rounded-lg border border-line">
      <summary className="list-none px-3 py-2 font-medium">
        <span aria-hidden="true" className="mr-2 inline-block text-muted transition-transform group-open:rotate-90">
          ›
        </span>
        Several at once
      </summary>
      <div className="flex flex-col gap-4 border-t border-line p-3">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField<ArrayValues>
            name="count"
            label="How many"
            placeholder="10"
            hint="Each has its number as BERTH_ARRAY_INDEX, from 0."
            inputMode="numeric"
            mono
          />
          <TextField<ArrayValues>
            name="parallelism"
            label="Most at once"
            placeholder="4"
            hint="As many as fit where empty."
            inputMode="numeric"
            mono
          />
        </div>
        <Field
          label="Parameters"
          hint={
            <>
              A run for each line. They are its variables, and what{' '}
              <code className="whitespace-nowrap font-mono">{`'\${{ parameters.NAME }}'`}</code>, in quotes, stands for in its command.
            </>
          }
          error={messageAt(formState.errors, 'parameters')}
        >
          {(ids) => (
            <textarea
              {...ids}
              {...register('parameters')}
              rows={4}
              spellCheck={false}
              autoCapitalize="off"
              placeholder={'CITY=Ulm SIZE=3\nCITY=Bonn SIZE=5'}
              className="field !h-auto resize-y py-1.5 font-mono text-sm"
            />
          )}
        </Field>
      </div>
    </details>
  );
}
