'use client';
import { Plus, X } from 'lucide-react';
import { useFieldArray, useFormContext } from 'react-hook-form';
import { Button, buttonClass } from '../../ui/button.tsx';
import type { FormValues } from './form-values.ts';
import { messageAt } from './run-form-fields.tsx';

interface PairRowsProps {
  name: 'env' | 'labels' | 'tmpfs' | 'extraHosts' | 'mounts' | 'volumes';
  title: string;
  noun: string;
  placeholder: [string, string];
  /** Names to choose from; others can be typed. */
  suggestions?: readonly string[];
}

export function PairRows({ name, title, noun, placeholder, suggestions = [] }: PairRowsProps) {
  const { register, control, formState } = useFormContext<FormValues>();
  const { fields, append, remove } = useFieldArray({ control, name });
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{title}</legend>
      {suggestions.length > 0 && (
        <datalist id={`${name}-suggestions`}>
          {suggestions.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
      <div className="flex flex-col gap-2">
        {fields.map((field, index) => {
          const error = messageAt(formState.errors, `${name}.${index}.name`) ?? messageAt(formState.errors, `${name}.${index}.value`);
          const id = `${name}-${index}-error`;
          return (
            <div key={field.id}>
              <div className="flex gap-2">
                <input
                  {...register(`${name}.${index}.name`)}
                  list={suggestions.length > 0 ? `${name}-suggestions` : undefined}
                  aria-label={`Name of ${noun} ${index + 1}`}
                  aria-invalid={error ? true : undefined}
                  aria-describedby={error ? id : undefined}
                  placeholder={placeholder[0]}
                  autoComplete="off"
                  spellCheck={false}
                  className="field !w-2/5 font-mono text-sm"
                />
                <input
                  {...register(`${name}.${index}.value`)}
                  aria-label={`Value of ${noun} ${index + 1}`}
                  aria-invalid={error ? true : undefined}
                  aria-describedby={error ? id : undefined}
                  placeholder={placeholder[1]}
                  autoComplete="off"
                  spellCheck={false}
                  className="field font-mono text-sm"
                />
                <RemoveRow label={`Remove ${noun} ${index + 1}`} onClick={() => remove(index)} />
              </div>
              {error && (
                <p id={id} role="alert" className="mt-1 text-sm text-state-red">
                  {error}
                </p>
              )}
            </div>
          );
        })}
        <div>
          <Button kind="quiet" small onClick={() => append({ name: '', value: '' })}>
            <Plus size={13} aria-hidden="true" />
            Add a {noun}
          </Button>
        </div>
      </div>
    </fieldset>
  );
}

/** `freePort`: what the server offers instead of a taken one. */
export function PortRows({ freePort, onTake }: { freePort: number | null; onTake: () => void }) {
  const { register, control, formState, setValue, clearErrors } = useFormContext<FormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'ports' });
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Ports</legend>
      <div className="flex flex-col gap-2">
        {fields.map((field, index) => {
          const hostError = messageAt(formState.errors, `ports.${index}.hostPort`);
          const error =
            hostError ?? messageAt(formState.errors, `ports.${index}.containerPort`) ?? messageAt(formState.errors, `ports.${index}`);
          const id = `ports-${index}-error`;
          return (
            <div key={field.id}>
              <div className="flex items-center gap-2">
                <input
                  {...register(`ports.${index}.hostPort`)}
                  aria-label={`Host port of mapping ${index + 1}`}
                  aria-invalid={hostError ? true : undefined}
                  aria-describedby={error ? id : undefined}
                  placeholder="Host: a free one"
                  inputMode="numeric"
                  autoComplete="off"
                  className="field font-mono text-sm"
                />
                <span aria-hidden="true" className="text-muted">
                  →
                </span>
                <input
                  {...register(`ports.${index}.containerPort`)}
                  aria-label={`Container port of mapping ${index + 1}`}
                  aria-invalid={error && !hostError ? true : undefined}
                  aria-describedby={error ? id : undefined}
                  placeholder="Container"
                  inputMode="numeric"
                  autoComplete="off"
                  className="field font-mono text-sm"
                />
                <select
                  {...register(`ports.${index}.protocol`)}
                  aria-label={`Protocol of mapping ${index + 1}`}
                  className="field !w-20 shrink-0"
                >
                  <option value="tcp">tcp</option>
                  <option value="udp">udp</option>
                </select>
                <RemoveRow label={`Remove mapping ${index + 1}`} onClick={() => remove(index)} />
              </div>
              {error && (
                <div id={id} role="alert" className="mt-1 flex flex-wrap items-center gap-2 text-sm text-state-red">
                  <span>{error}</span>
                  {hostError && freePort !== null && (
                    <Button
                      small
                      onClick={() => {
                        setValue(`ports.${index}.hostPort`, String(freePort));
                        clearErrors(`ports.${index}`);
                        onTake();
                      }}
                    >
                      Use {freePort} instead
                    </Button>
                  )}
                </div>
              )}
            </div>
          );
        })}
        <div>
          <Button kind="quiet" small onClick={() => append({ hostPort: '', containerPort: '', protocol: 'tcp' })}>
            <Plus size={13} aria-hidden="true" />
            Publish a port
          </Button>
        </div>
      </div>
    </fieldset>
  );
}

export function RemoveRow({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" aria-label={label} onClick={onClick} className={`${buttonClass('quiet')} !w-8 !px-0`}>
      <X size={14} aria-hidden="true" />
    </button>
  );
}
