'use client';
import type { RunArray } from '@berth/shared/model/run-array';
import type { ReactNode } from 'react';
import { joinWords } from '../../lib/shell-words.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { ArrayActions } from './array-actions.tsx';
import { ArrayBar } from './array-bar.tsx';
import { lookOfArray } from './array-state.ts';

/** Its name, how far it is, what it runs, and what can be done. */
export function ArrayHead({ array, workspace }: { array: RunArray; workspace: string }) {
  const { metadata, spec, status } = array;
  const { image, command = [], args = [] } = spec.template.spec;
  return (
    <header className="grid gap-3 px-4 py-4 md:px-6">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-80">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="min-w-0 break-all text-xl font-semibold tracking-tight">{metadata.name}</h1>
            <span role="status" className="contents">
              <StateBadge look={lookOfArray(status)} large />
            </span>
            <span className="text-muted">
              created <Age at={metadata.createdAt} suffix=" ago" />
            </span>
          </div>
          <p className="break-words text-muted">{status.message.charAt(0).toUpperCase() + status.message.slice(1)}.</p>
        </div>
        <ArrayActions array={array} workspace={workspace} />
      </div>
      <ArrayBar status={status} />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 md:max-w-3xl">
        <Fact name="Each runs">
          <span className="break-all font-mono text-sm">{[image, joinWords([...command, ...args])].join(' ')}</span>
        </Fact>
        <Fact name="At once">{spec.parallelism === undefined ? 'as many as fit' : `${spec.parallelism} at most`}</Fact>
        <Fact name="Id">
          <span className="break-all font-mono text-sm">{metadata.id}</span>
        </Fact>
      </dl>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
