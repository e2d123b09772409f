'use client';
import { Plus } from 'lucide-react';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { Button } from '../../ui/button.tsx';
import { messageAt } from '../runs/run-form-fields.tsx';
import { RemoveRow } from '../runs/run-form-rows.tsx';
import type { RouteRow } from './route-values.ts';
import type { ServiceValues } from './service-values.ts';

/** Domains that the proxy leads to the ready replicas. */
export function RouteRows() {
  const { control, getValues } = useFormContext<ServiceValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'routes' });
  const add = () => {
    // Most services have one port to lead to.
    const port = getValues('ports').find(({ protocol, containerPort }) => protocol === 'tcp' && containerPort !== '')?.containerPort ?? '';
    append({ domain: '', path: '', port, tls: '' });
  };
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Domains</legend>
      <div className="flex flex-col gap-2">
        {fields.map((field, index) => (
          <Row key={field.id} index={index} onRemove={() => remove(index)} />
        ))}
        <div>
          <Button kind="quiet" small onClick={add}>
            <Plus size={13} aria-hidden="true" />
            Add a domain
          </Button>
        </div>
      </div>
    </fieldset>
  );
}

const PARTS = ['domain', 'path', 'port', 'tls'] as const satisfies readonly (keyof RouteRow)[];

function Row({ index, onRemove }: { index: number; onRemove: () => void }) {
  const { register, formState } = useFormContext<ServiceValues>();
  const errorAt = (part: keyof RouteRow) => messageAt(formState.errors, `routes.${index}.${part}`);
  const error = PARTS.map(errorAt).find((message) => message !== undefined);
  const id = `routes-${index}-error`;
  const which = `domain ${index + 1}`;
  const attributes = (part: keyof RouteRow) => ({
    'aria-invalid': errorAt(part) ? (true as const) : undefined,
    'aria-describedby': error ? id : undefined,
  });
  const text = { autoComplete: 'off', autoCapitalize: 'off', spellCheck: false, className: 'field min-w-0 font-mono text-sm' } as const;
  return (
    <div>
      <div className="flex gap-2">
        <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)_84px] gap-2 sm:grid-cols-[minmax(0,1fr)_104px_84px_148px]">
          <input
            {...register(`routes.${index}.domain`)}
            aria-label={`Name of ${which}`}
            placeholder="app.example.com"
            {...attributes('domain')}
            {...text}
            className={`${text.className} max-sm:col-span-2`}
          />
          <input {...register(`routes.${index}.path`)} aria-label={`Path of ${which}`} placeholder="/" {...attributes('path')} {...text} />
          <input
            {...register(`routes.${index}.port`)}
            aria-label={`Container port of ${which}`}
            placeholder="Port"
            inputMode="numeric"
            {...attributes('port')}
            {...text}
          />
          <select
            {...register(`routes.${index}.tls`)}
            aria-label={`TLS of ${which}`}
            {...attributes('tls')}
            className="field max-sm:col-span-2"
          >
            <option value="">TLS: automatic</option>
            <option value="internal">TLS: internal</option>
            <option value="off">Plain HTTP</option>
          </select>
        </div>
        <RemoveRow label={`Remove ${which}`} onClick={onRemove} />
      </div>
      {error && (
        <div id={id} role="alert" className="mt-1 flex flex-wrap items-center gap-2 text-sm text-state-red">
          <span>{error}</span>
          {errorAt('port') !== undefined && <PublishIt index={index} />}
        </div>
      )}
    </div>
  );
}

/** A domain leads to a port that is published: offered where the port of a row is not. */
function PublishIt({ index }: { index: number }) {
  const { control, setValue, clearErrors } = useFormContext<ServiceValues>();
  const [port, ports] = useWatch({ control, name: [`routes.${index}.port`, 'ports'] });
  const isThere = ports.some(({ containerPort, protocol }) => protocol === 'tcp' && containerPort.trim() === port.trim());
  if (isThere || !/^\d+$/.test(port.trim())) return null;
  return (
    <Button
      small
      onClick={() => {
        setValue('ports', [...ports, { hostPort: '', containerPort: port.trim(), protocol: 'tcp' }]);
        clearErrors(`routes.${index}.port`);
      }}
    >
      Publish {port.trim()}
    </Button>
  );
}
