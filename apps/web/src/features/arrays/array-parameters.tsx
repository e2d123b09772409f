'use client';
import type { Parameters } from '@berth/shared/model/run-array';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { maskedEnv } from '../runs/secrets.ts';

/** Of ten thousand nobody reads all. */
const AT_ONCE = 200;

/** What each run has of its own, by its number. */
export function ArrayParameters({ parameters }: { parameters: readonly Parameters[] | undefined }) {
  const [shown, setShown] = useState(AT_ONCE);
  if (parameters === undefined) {
    return <p className="px-4 py-3 text-muted md:px-6">Its runs differ by their number alone: each has it as BERTH_ARRAY_INDEX.</p>;
  }
  return (
    <div className="px-4 py-2 md:px-6">
      <ol aria-label="Parameters">
        {parameters.slice(0, shown).map((own, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the number is what they are known by
          <li key={index} className="grid grid-cols-[56px_minmax(0,1fr)] gap-x-4 border-b border-line py-1.5 last:border-0">
            <span className="text-right text-muted tabular-nums">{index}</span>
            <span className="flex min-w-0 flex-wrap gap-x-4 font-mono text-sm">
              {Object.entries(maskedEnv(own) ?? {}).map(([name, value]) => (
                <span key={name} className="min-w-0 break-all">
                  <span className="text-muted">{name}=</span>
                  {value}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
      {shown < parameters.length && (
        <div className="py-3">
          <Button onClick={() => setShown(shown + AT_ONCE)}>
            Show more: {shown} of {parameters.length}
          </Button>
        </div>
      )}
    </div>
  );
}
