'use client';
import { clsx } from 'clsx';
import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';

/** Hidden as a password is, unless asked otherwise. It takes several lines, as keys and certificates have: a password field would join them. */
export function ValueField({ error }: { error?: string }) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="flex flex-col gap-1">
      <Field label="Value" hint="As it is, with the ends of its lines; at most 64 KiB." error={error}>
        {(ids) => (
          <textarea
            {...ids}
            name="value"
            required
            rows={3}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            className={clsx('field !h-auto py-1.5 font-mono text-sm', !shown && 'written-hidden')}
          />
        )}
      </Field>
      <div>
        <Button kind="quiet" small aria-pressed={shown} onClick={() => setShown(!shown)}>
          <Icon size={13} aria-hidden="true" />
          {shown ? 'Hide the value' : 'Show the value'}
        </Button>
      </div>
    </div>
  );
}
