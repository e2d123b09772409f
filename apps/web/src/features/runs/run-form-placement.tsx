'use client';
import { Plus } from 'lucide-react';
import { useFieldArray, useFormContext } from 'react-hook-form';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import type { FormValues, TemplateOf } from './form-values.ts';
import { NO_PLACEMENT } from './placement-values.ts';
import { messageAt, TextField } from './run-form-fields.tsx';
import { RemoveRow } from './run-form-rows.tsx';

const FIELDS = Object.keys(NO_PLACEMENT) as (keyof typeof NO_PLACEMENT)[];

/** Which hosts it may have, and when it has its turn; open where something in it is set or wrong. */
export function PlacementSettings({ of = 'run' }: { of?: TemplateOf }) {
  const ofReplicas = of === 'service';
  const { register, formState, getValues } = useFormContext<FormValues>();
  const values = getValues();
  const set = FIELDS.some((name) => values[name].length > 0);
  const wrong = FIELDS.some((name) => formState.errors[name] !== undefined);
  return (
    <details open={set || wrong || undefined} className="group rounded-lg border border-line">
      <summary className="list-none px-3 py-2 font-medium">
        <span aria-hidden="true" className="mr-2 inline-block text-muted transition-transform group-open:rotate-90">
          ›
        </span>
        {ofReplicas ? 'Placement and priority' : 'Placement, priority and turns'}
      </summary>
      <div className="flex flex-col gap-4 border-t border-line p-3">
        <ConstraintRows />
        <CompanyRows />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Among the hosts that fit" error={messageAt(formState.errors, 'strategy')}>
            {(ids) => (
              <select {...ids} {...register('strategy')} className="field">
                <option value="">As the workspace has it</option>
                <option value="spread">Spread: the least loaded</option>
                <option value="bin-pack">Bin-pack: the fullest with room</option>
              </select>
            )}
          </Field>
          <TextField
            name="priority"
            label="Priority"
            placeholder="0"
            hint="The higher goes first; nothing makes room for it."
            inputMode="numeric"
            mono
          />
          <TextField name="spreadLabel" label="Spread over a label" placeholder="zone" hint="Rather where fewest runs are." mono />
          <TextField name="spreadRuns" label="Counting only runs with" placeholder="app=web" hint="All runs where empty." mono />
          {!ofReplicas && (
            <>
              <TextField
                name="concurrencyKey"
                label="Concurrency key"
                placeholder="deploy"
                hint="It waits for others with this key."
                mono
              />
              <TextField
                name="concurrencyLimit"
                label="Runs at once"
                placeholder="1"
                hint="With its key, itself among them."
                inputMode="numeric"
                mono
              />
            </>
          )}
        </div>
      </div>
    </details>
  );
}

function ConstraintRows() {
  const { register, control, formState, watch } = useFormContext<FormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'constraints' });
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Labels of the host</legend>
      <div className="flex flex-col gap-2">
        {fields.map((field, index) => {
          const error =
            messageAt(formState.errors, `constraints.${index}.label`) ?? messageAt(formState.errors, `constraints.${index}.values`);
          const operator = watch(`constraints.${index}.operator`);
          return (
            <Row key={field.id} id={`constraints-${index}-error`} error={error}>
              {(described) => (
                <>
                  <input
                    {...register(`constraints.${index}.label`)}
                    {...described}
                    aria-label={`Label of constraint ${index + 1}`}
                    placeholder="zone"
                    autoComplete="off"
                    spellCheck={false}
                    className="field !w-28 min-w-0 grow font-mono text-sm"
                  />
                  <select
                    {...register(`constraints.${index}.operator`)}
                    aria-label={`Operator of constraint ${index + 1}`}
                    className="field !w-28 shrink-0"
                  >
                    <option value="in">is one of</option>
                    <option value="not-in">is none of</option>
                    <option value="exists">is there</option>
                    <option value="not-exists">is not there</option>
                  </select>
                  <input
                    {...register(`constraints.${index}.values`)}
                    {...described}
                    aria-label={`Values of constraint ${index + 1}`}
                    placeholder="eu-1, eu-2"
                    disabled={operator === 'exists' || operator === 'not-exists'}
                    autoComplete="off"
                    spellCheck={false}
                    className="field !w-36 min-w-0 grow font-mono text-sm"
                  />
                  <RemoveRow label={`Remove constraint ${index + 1}`} onClick={() => remove(index)} />
                </>
              )}
            </Row>
          );
        })}
        <div>
          <Button kind="quiet" small onClick={() => append({ label: '', operator: 'in', values: '' })}>
            <Plus size={13} aria-hidden="true" />
            Add a constraint
          </Button>
        </div>
      </div>
    </fieldset>
  );
}

function CompanyRows() {
  const { register, control, formState } = useFormContext<FormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'company' });
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Near or away from other runs</legend>
      <div className="flex flex-col gap-2">
        {fields.map((field, index) => {
          const error = messageAt(formState.errors, `company.${index}.runs`) ?? messageAt(formState.errors, `company.${index}.topology`);
          return (
            <Row key={field.id} id={`company-${index}-error`} error={error}>
              {(described) => (
                <>
                  <select {...register(`company.${index}.side`)} aria-label={`Side of rule ${index + 1}`} className="field !w-28 shrink-0">
                    <option value="affinity">near</option>
                    <option value="antiAffinity">away from</option>
                  </select>
                  <input
                    {...register(`company.${index}.runs`)}
                    {...described}
                    aria-label={`Labels of the runs of rule ${index + 1}`}
                    placeholder="app=db"
                    autoComplete="off"
                    spellCheck={false}
                    className="field !w-32 min-w-0 grow font-mono text-sm"
                  />
                  <input
                    {...register(`company.${index}.topology`)}
                    aria-label={`By this label of the host, rule ${index + 1}`}
                    placeholder="same host"
                    autoComplete="off"
                    spellCheck={false}
                    className="field !w-28 min-w-0 font-mono text-sm"
                  />
                  <label className="flex shrink-0 items-center gap-2">
                    <input type="checkbox" {...register(`company.${index}.required`)} className="size-4 accent-accent-fill" />
                    required
                  </label>
                  <RemoveRow label={`Remove rule ${index + 1}`} onClick={() => remove(index)} />
                </>
              )}
            </Row>
          );
        })}
        <div>
          <Button kind="quiet" small onClick={() => append({ side: 'antiAffinity', runs: '', topology: '', required: false })}>
            <Plus size={13} aria-hidden="true" />
            Add a rule
          </Button>
        </div>
      </div>
    </fieldset>
  );
}

interface RowProps {
  id: string;
  error: string | undefined;
  children: (described: { 'aria-invalid': true | undefined; 'aria-describedby': string | undefined }) => React.ReactNode;
}

function Row({ id, error, children }: RowProps) {
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2">
        {children({ 'aria-invalid': error ? true : undefined, 'aria-describedby': error ? id : undefined })}
      </div>
      {error && (
        <p id={id} role="alert" className="mt-1 text-sm text-state-red">
          {error}
        </p>
      )}
    </div>
  );
}
