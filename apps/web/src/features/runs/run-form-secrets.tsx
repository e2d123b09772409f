'use client';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import type { FormValues } from './form-values.ts';
import { messageAt } from './run-form-fields.tsx';
import { RemoveRow } from './run-form-rows.tsx';
import { EMPTY_SECRET } from './secret-values.ts';

/** Values of the workspace's secrets, each in a variable or in a file. */
export function SecretRows() {
  const { control } = useFormContext<FormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'secrets' });
  const workspace = useWorkspace();
  const secrets = useQuery({ queryKey: queryKeys.secrets(workspace), queryFn: ({ signal }) => api.listSecrets(workspace, signal) });
  const names = secrets.data?.items.map(({ metadata }) => metadata.name).sort() ?? [];
  const none = secrets.data !== undefined && names.length === 0;
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Secrets</legend>
      <div className="flex flex-col gap-2">
        {fields.map((field, index) => (
          <Row key={field.id} index={index} names={names} onRemove={() => remove(index)} />
        ))}
        <div className="flex flex-wrap items-center gap-x-3">
          <Button kind="quiet" small onClick={() => append(EMPTY_SECRET)}>
            <Plus size={13} aria-hidden="true" />
            Add a secret
          </Button>
          {none && fields.length > 0 && <span className="text-sm text-muted">The workspace has none yet: make one under Secrets.</span>}
        </div>
      </div>
    </fieldset>
  );
}

const PARTS = ['secret', 'place', 'version', 'mode', 'owner'] as const;

function Row({ index, names, onRemove }: { index: number; names: readonly string[]; onRemove: () => void }) {
  const { register, formState } = useFormContext<FormValues>();
  const { secret = '', as = 'env' } = useWatch<FormValues, `secrets.${number}`>({ name: `secrets.${index}` }) ?? {};
  const error = PARTS.map((part) => messageAt(formState.errors, `secrets.${index}.${part}`)).find((message) => message !== undefined);
  const id = `secrets-${index}-error`;
  const which = `secret ${index + 1}`;
  const attributes = (part: (typeof PARTS)[number]) => ({
    'aria-invalid': messageAt(formState.errors, `secrets.${index}.${part}`) ? (true as const) : undefined,
    'aria-describedby': error ? id : undefined,
  });
  const text = { autoComplete: 'off', spellCheck: false, className: 'field min-w-0 font-mono text-sm' } as const;
  // One that is named and not there stays, for whoever reads the form to see.
  const choices = secret === '' || names.includes(secret) ? names : [secret, ...names];
  return (
    <div>
      <div className="flex gap-2">
        <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-[minmax(0,2fr)_100px_minmax(0,3fr)_84px]">
          <select {...register(`secrets.${index}.secret`)} aria-label={`Name of ${which}`} {...attributes('secret')} className="field">
            <option value="">Choose a secret</option>
            {choices.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <select {...register(`secrets.${index}.as`)} aria-label={`Kind of ${which}`} className="field">
            <option value="env">Variable</option>
            <option value="file">File</option>
          </select>
          <input
            {...register(`secrets.${index}.place`)}
            aria-label={as === 'env' ? `Variable of ${which}` : `Path of ${which}`}
            placeholder={as === 'env' ? 'DB_PASSWORD' : '/run/secrets/db'}
            {...attributes('place')}
            {...text}
          />
          <input
            {...register(`secrets.${index}.version`)}
            aria-label={`Version of ${which}`}
            placeholder="Latest"
            inputMode="numeric"
            {...attributes('version')}
            {...text}
          />
          {as === 'file' && (
            <>
              <input
                {...register(`secrets.${index}.mode`)}
                aria-label={`Permissions of ${which}`}
                placeholder="0444"
                {...attributes('mode')}
                {...text}
                className={`${text.className} sm:col-start-2`}
              />
              <input
                {...register(`secrets.${index}.owner`)}
                aria-label={`Owner of ${which}`}
                placeholder="Owner: 0:0"
                {...attributes('owner')}
                {...text}
              />
            </>
          )}
        </div>
        <RemoveRow label={`Remove ${which}`} onClick={onRemove} />
      </div>
      {error && (
        <p id={id} role="alert" className="mt-1 text-sm text-state-red">
          {error}
        </p>
      )}
    </div>
  );
}
