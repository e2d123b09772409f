'use client';
import { useFormContext } from 'react-hook-form';
import type { FormValues } from './form-values.ts';
import { messageAt, TextField } from './run-form-fields.tsx';
import { PairRows } from './run-form-rows.tsx';

const SWITCHES = [
  ['privileged', 'Privileged: it can do to the host whatever root can'],
  ['hostNetwork', "The host's network: it listens on the host itself and reaches what the host reaches"],
] as const;

/** What takes the walls down between a container and its host. */
export function BeyondOrdinary() {
  const { register, formState } = useFormContext<FormValues>();
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="font-medium">Beyond an ordinary container</legend>
      <p className="text-sm text-muted">
        Each of these opens the host to the container. It is refused unless the policy file of a host allows it.
      </p>
      {SWITCHES.map(([name, words]) => {
        const error = messageAt(formState.errors, name);
        return (
          <div key={name}>
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                {...register(name)}
                aria-invalid={error ? true : undefined}
                aria-describedby={error ? `${name}-error` : undefined}
                className="size-4 shrink-0 accent-accent-fill"
              />
              {words}
            </label>
            {error && (
              <p id={`${name}-error`} role="alert" className="mt-1 text-sm text-state-red">
                {error}
              </p>
            )}
          </div>
        );
      })}
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField name="capAdd" label="More capabilities" placeholder="NET_ADMIN" hint="Separated by spaces." mono />
        <TextField name="capDrop" label="Fewer capabilities" placeholder="NET_RAW" hint="Taken away; every host allows that." mono />
      </div>
      <PairRows name="mounts" title="Folders of the host" noun="mount" placeholder={['/srv/data', '/data:ro']} />
    </fieldset>
  );
}
