'use client';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { paths } from '../../lib/paths.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page.tsx';
import { curlLine } from './curl-line.ts';
import { FilterBar } from './filter-bar.tsx';
import { RunList } from './run-list.tsx';
import { useFilters } from './use-filters.ts';

export function RunsPage() {
  const workspace = useWorkspace();
  const state = useFilters();
  const origin = useOrigin();
  const newRun = (
    <Link href={paths.newRun(workspace)} className={buttonClass('primary')} title="Key: n">
      <Plus size={14} aria-hidden="true" />
      Run a container
    </Link>
  );
  const empty = state.any ? (
    <Empty sentence="No run fits these filters." action={<Button onClick={state.clear}>Clear the filters</Button>} />
  ) : (
    <Empty
      sentence="Nothing has been run here yet."
      action={
        <Link href={paths.newRun(workspace, { image: 'hello-world' })} className={buttonClass('primary')}>
          Run hello-world
        </Link>
      }
    >
      <p className="mb-2 text-muted">The same from a terminal:</p>
      <Code label="the curl line" text={curlLine(origin, workspace, { spec: { image: 'hello-world' } })} />
    </Empty>
  );
  return (
    <>
      <PageHead
        title="Runs"
        actions={
          <>
            <Link href={paths.apply(workspace)} className={buttonClass()}>
              Apply a manifest…
            </Link>
            {newRun}
          </>
        }
      />
      <FilterBar state={state} withHost />
      <RunList filters={state.filters} onTurn={state.turn} empty={empty} />
    </>
  );
}
