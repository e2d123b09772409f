'use client';
import { formatBytes } from '@berth/shared/model/quantity-text';
import type { Run } from '@berth/shared/model/run';
import type { Sample } from '@berth/shared/model/sample';
import { useRouter } from 'next/navigation';
import { memo } from 'react';
import { paths } from '../../lib/paths.ts';
import { RowLink } from '../../ui/row-link.tsx';
import { lookOfStatus } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age, Elapsed } from '../../ui/time.tsx';
import { UsageCell } from './stats/usage-cell.tsx';

/** Shared by the head and the rows, so that columns align. On a phone a row is two lines. */
export const RUN_GRID =
  'grid grid-cols-[18px_minmax(0,1fr)_auto] gap-x-4 px-4 md:grid-cols-[18px_124px_minmax(0,1.1fr)_minmax(0,1.3fr)_minmax(0,0.7fr)_64px_84px] md:px-6 lg:grid-cols-[18px_124px_minmax(0,1.1fr)_minmax(0,1.3fr)_minmax(0,0.7fr)_104px_112px_64px_84px]';

const NONE: readonly Sample[] = [];
const MIB = 2 ** 20;

/** `range`: with all rows from the one ticked before. */
type Tick = (id: string, range: boolean) => void;

export const RunRow = memo(function RunRow({
  run,
  workspace,
  withHost,
  ticked,
  used,
  onTick,
}: {
  run: Run;
  workspace: string;
  withHost: boolean;
  ticked: boolean;
  /** Its last samples. */
  used: readonly Sample[] | undefined;
  onTick: Tick;
}) {
  const router = useRouter();
  const { metadata, spec, status } = run;
  const samples = status.phase === 'running' ? (used ?? NONE) : NONE;
  const last = samples.at(-1);
  const duration = status.startedAt && status.phase !== 'restarting' && <Elapsed from={status.startedAt} to={status.finishedAt} />;
  return (
    <div className={`${RUN_GRID} group relative h-full items-center border-b border-line hover:bg-hover focus-within:bg-selected`}>
      <input
        type="checkbox"
        aria-label={`Select ${metadata.name}`}
        checked={ticked}
        onChange={(event) => onTick(metadata.id, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
        className="relative z-10 size-4 accent-accent max-md:row-span-2"
      />
      <span className="flex max-md:order-2 max-md:justify-self-end">
        <StateBadge look={lookOfStatus(status)} />
      </span>
      <span className="min-w-0 truncate max-md:order-1">
        <RowLink href={paths.run(workspace, metadata.id)} open={router.push}>
          {metadata.name}
          {status.array && <span className="font-normal text-muted tabular-nums"> {status.array.index}</span>}
        </RowLink>
      </span>
      <span className="min-w-0 truncate text-muted max-md:order-3" title={status.image.reference}>
        {spec.image}
      </span>
      <span className="min-w-0 truncate text-muted max-md:sr-only">{withHost ? (status.hostName ?? '–') : ''}</span>
      <UsageCell
        values={samples.map(({ cpuMillis }) => cpuMillis)}
        text={last ? `${(last.cpuMillis / 10).toFixed(last.cpuMillis < 100 ? 1 : 0)} %` : '–'}
        top={100}
      />
      <UsageCell
        values={samples.map(({ memoryBytes }) => memoryBytes)}
        text={last ? formatBytes(Math.round(last.memoryBytes)) : '–'}
        top={MIB}
      />
      <span className="text-right text-muted max-md:order-4">
        <Age at={metadata.createdAt} />
      </span>
      <span className="text-right text-muted tabular-nums max-md:sr-only">{duration || '–'}</span>
    </div>
  );
});
