'use client';
import type { Service } from '@berth/shared/model/service';
import { Minus, Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { errorsOf } from '../../lib/api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { replicasInWords } from './service-words.ts';
import type { useServiceActions } from './use-service-actions.ts';

interface ScaleDialogProps {
  service: Service;
  steer: ReturnType<typeof useServiceActions>['steer'];
  onClose: () => void;
}

/** How many there are to be; where it is less, who goes. */
export function ScaleDialog({ service, steer, onClose }: ScaleDialogProps) {
  const now = service.spec.replicas ?? 1;
  const [text, setText] = useState(String(now));
  const count = /^\d+$/.test(text.trim()) ? Number(text) : null;
  const move = (by: 1 | -1) => setText(String(Math.max(0, (count ?? now) + by)));
  const refused = steer.isError && steer.variables.action === 'scale' ? errorsOf(steer.error) : null;
  const error = count === null ? 'Must be a whole number, 0 or more.' : (refused?.errors[0]?.message ?? refused?.message);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (count !== null && count !== now && !steer.isPending) steer.mutate({ action: 'scale', replicas: count }, { onSuccess: onClose });
  };
  return (
    <Dialog title={`Scale ${service.metadata.name}`} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field label="Replicas" hint={wordsFor(count, now)} error={error}>
          {(ids) => (
            <div className="flex items-center gap-2">
              <Button aria-label="One fewer" onClick={() => move(-1)} reason={count === 0 ? 'There is none to take away.' : null}>
                <Minus size={13} aria-hidden="true" />
              </Button>
              <input
                {...ids}
                autoFocus
                inputMode="numeric"
                autoComplete="off"
                value={text}
                onChange={(event) => setText(event.target.value)}
                className="field !w-24 text-center font-mono"
              />
              <Button aria-label="One more" onClick={() => move(1)}>
                <Plus size={13} aria-hidden="true" />
              </Button>
            </div>
          )}
        </Field>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            type="submit"
            busy={steer.isPending}
            reason={count === now ? 'So many are asked for already.' : count === null ? 'First say how many.' : null}
          >
            Scale{count === null || count === now ? '' : ` to ${count}`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function wordsFor(count: number | null, now: number): string {
  if (count === null || count === now) return `${replicasInWords(now)} now.`;
  if (count > now) return `${replicasInWords(count - now)} more ${count - now === 1 ? 'is' : 'are'} started.`;
  return `${replicasInWords(now - count)} ${now - count === 1 ? 'is' : 'are'} stopped; the others stay as they are.`;
}
