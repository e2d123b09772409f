'use client';
import { type FormEvent, useState } from 'react';
import { labelsFromText, labelsToText } from '../lib/label-text.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Failure } from './failure.tsx';
import { Field } from './field.tsx';

interface Metadata {
  name: string;
  labels: Record<string, string>;
}

interface MetadataDialogProps {
  /** As it was when the dialog opened: what changes meanwhile does not move under the reader. */
  now: Metadata;
  busy: boolean;
  error: { message: string; errors: readonly { path: string; message: string }[] } | null;
  onSave: (wanted: Metadata) => void;
  onClose: () => void;
}

/** Name and labels of something. */
export function MetadataDialog({ now, busy, error, onSave, onClose }: MetadataDialogProps) {
  const [seen] = useState(now);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    if (!busy) onSave({ name: text('name').trim(), labels: labelsFromText(text('labels')) });
  };
  const errorOf = (field: string) => error?.errors.find(({ path }) => path === field || path.startsWith(`${field}.`))?.message;
  const named = errorOf('metadata.name') ?? errorOf('metadata.labels');

  return (
    <Dialog title="Name and labels" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {error && !named && <Failure>{error.message}</Failure>}
        <Field label="Name" error={errorOf('metadata.name')}>
          {(ids) => (
            <input {...ids} name="name" required defaultValue={seen.name} autoComplete="off" spellCheck={false} className="field" />
          )}
        </Field>
        <Field label="Labels" hint="One a line: key=value" error={errorOf('metadata.labels')}>
          {(ids) => (
            <textarea
              {...ids}
              name="labels"
              rows={4}
              defaultValue={labelsToText(seen.labels)}
              placeholder="team=web"
              spellCheck={false}
              className="field !h-auto py-1.5 font-mono text-sm"
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
