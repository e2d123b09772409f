'use client';
import type { CreateJoinToken } from '@berth/shared/model/host';
import type { FormEvent } from 'react';
import { labelsFromText } from '../../lib/label-text.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';

/** For more machines than one, for longer, or with labels: another line. */
export function JoinOptions({ onMake }: { onMake: (body: CreateJoinToken) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const uses = Number(form.get('uses'));
    onMake({
      metadata: { labels: labelsFromText(String(form.get('labels') ?? '').replaceAll(',', '\n')) },
      spec: { expiresInSeconds: Number(form.get('seconds')), maxUses: uses === 0 ? null : uses },
    });
  };
  return (
    <details className="rounded-md border border-line">
      <summary className="px-3 py-2">For several machines, for longer, with labels…</summary>
      <form onSubmit={submit} className="grid gap-4 border-t border-line p-3 sm:grid-cols-2">
        <Field label="Good for">
          {(ids) => (
            <select {...ids} name="seconds" defaultValue="3600" className="field">
              <option value="3600">an hour</option>
              <option value="86400">a day</option>
              <option value="604800">a week</option>
              <option value="2592000">30 days</option>
            </select>
          )}
        </Field>
        <Field label="Machines">
          {(ids) => (
            <select {...ids} name="uses" defaultValue="1" className="field">
              <option value="1">one</option>
              <option value="10">up to 10</option>
              <option value="100">up to 100</option>
              <option value="0">as many as come</option>
            </select>
          )}
        </Field>
        <Field label="Labels" hint="Each host that joins has them: key=value, separated by commas.">
          {(ids) => <input {...ids} name="labels" placeholder="zone=eu-1" autoComplete="off" className="field font-mono text-sm" />}
        </Field>
        <div className="self-end">
          <Button type="submit">Make another line</Button>
        </div>
      </form>
    </details>
  );
}
