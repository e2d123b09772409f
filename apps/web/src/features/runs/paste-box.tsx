'use client';
import type { CreateRun } from '@berth/shared/model/run';
import { useState } from 'react';
import { Field } from '../../ui/field.tsx';
import { parseDockerRun } from './docker-run.ts';

/** Takes a `docker run …` line and fills the form; says by name what cannot be taken. */
export function PasteBox({ initial, onRun }: { initial: string; onRun: (run: CreateRun) => void }) {
  const [text, setText] = useState(initial);
  const parsed = text.trim() === '' ? null : parseDockerRun(text);
  const change = (next: string) => {
    setText(next);
    const read = next.trim() === '' ? null : parseDockerRun(next);
    if (read?.ok) onRun(read.run);
  };
  return (
    <div className="rounded-lg border border-line bg-sunken p-3">
      <Field
        label="Paste a docker run line"
        hint={parsed?.ok ? undefined : 'It fills the form below; nothing runs yet.'}
        error={
          parsed && !parsed.ok
            ? parsed.problems.map((problem) => (
                <span key={problem} className="block">
                  {problem}
                </span>
              ))
            : undefined
        }
      >
        {(ids) => (
          <textarea
            {...ids}
            rows={2}
            spellCheck={false}
            autoCapitalize="off"
            placeholder="docker run -p 8080:80 -e MODE=fast nginx"
            value={text}
            onChange={(event) => change(event.target.value)}
            className="field resize-y font-mono text-sm"
          />
        )}
      </Field>
      <p role="status" className="text-sm text-state-green">
        {parsed?.ok && ['The form is filled.', ...parsed.notes].join(' ')}
      </p>
    </div>
  );
}
