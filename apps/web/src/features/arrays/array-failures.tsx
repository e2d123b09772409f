import type { RunArrayStatus } from '@berth/shared/model/run-array';
import Link from 'next/link';
import { paths } from '../../lib/paths.ts';
import { lookOfRun } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';

/** The first by their number: where to look when something is wrong with all. */
export function ArrayFailures({ status, workspace }: { status: RunArrayStatus; workspace: string }) {
  if (status.failures.length === 0) return <p className="px-4 py-3 text-muted md:px-6">None of its runs has failed.</p>;
  return (
    <ol aria-label="First failures" className="px-4 py-2 md:px-6">
      {status.failures.map(({ runId, index, phase, exitCode, message }) => (
        <li
          key={runId}
          className="grid grid-cols-[56px_minmax(0,1fr)] gap-x-4 border-b border-line py-1.5 last:border-0 md:grid-cols-[56px_110px_minmax(0,1fr)]"
        >
          <span className="text-right text-muted tabular-nums">{index}</span>
          <StateBadge look={lookOfRun(phase, exitCode)} />
          <Link href={paths.run(workspace, runId)} className="min-w-0 break-words underline max-md:col-start-2">
            {message.charAt(0).toUpperCase() + message.slice(1)}
          </Link>
        </li>
      ))}
    </ol>
  );
}
