import type { HostCell } from '@berth/shared/model/host-map';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';
import { useRouter } from 'next/navigation';
import { memo } from 'react';
import { paths } from '../../../lib/paths.ts';
import { RowLink } from '../../../ui/row-link.tsx';
import { StateBadge } from '../../../ui/state-badge.tsx';
import { cpuInWords, looksOf, memoryInWords } from './host-words.ts';

/** Shared by the head and the rows, so that columns align. On a phone a row is two lines. */
export const HOST_GRID =
  'grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 px-4 md:grid-cols-[minmax(0,1fr)_124px_116px_180px_44px] md:px-6 2xl:grid-cols-[minmax(0,1fr)_132px_116px_180px_44px_88px]';

export const HostRow = memo(function HostRow({ cell, workspace }: { cell: HostCell; workspace: string }) {
  const router = useRouter();
  const { cpu, memory } = cell;
  // One that is not as it should be is told in its words; the others stand on its page.
  const [look, ...others] = looksOf(cell);
  const beside = others.filter(({ word }) => word !== 'Ready').map(({ word }) => word);
  return (
    <>
      <td className="min-w-0 truncate">
        <RowLink href={paths.host(workspace, cell.id)} open={router.push}>
          {cell.name}
        </RowLink>
      </td>
      <td className="flex items-center gap-1.5 truncate max-md:justify-self-end" title={cell.message ?? undefined}>
        {look && <StateBadge look={look} />}
        {beside.length > 0 && (
          <span className="text-sm text-muted" title={beside.join(', ')}>
            +{beside.length}
            <span className="sr-only"> more: {beside.join(', ')}</span>
          </span>
        )}
      </td>
      <td className="flex items-center gap-2 max-md:text-sm" title={cpuInWords(cpu)}>
        <Bar reserved={cpu.reserved} used={cpu.used} total={cpu.total} />
        <span className="truncate tabular-nums">
          {formatCpu(cpu.reserved)} / {formatCpu(cpu.total)}
        </span>
      </td>
      <td className="flex items-center gap-2 max-md:justify-self-end max-md:text-sm" title={memoryInWords(memory)}>
        <Bar reserved={memory.reserved} used={memory.used} total={memory.total} />
        <span className="truncate tabular-nums">
          {formatBytes(memory.reserved)} / {formatBytes(memory.total)}
        </span>
      </td>
      <td className="text-right tabular-nums max-md:hidden">{cell.runs}</td>
      <td className="truncate text-muted max-2xl:hidden">{cell.agentVersion ?? '–'}</td>
    </>
  );
});

/** What is reserved and what is used; the numbers beside it say the same. */
function Bar({ reserved, used, total }: HostCell['cpu']) {
  const shares = { '--reserved': widthOf(reserved, total), '--used': widthOf(used ?? 0, total) };
  return <span aria-hidden="true" className="host-bar shrink-0" style={shares} />;
}

const widthOf = (some: number, all: number): string => `${all > 0 ? Math.min(100, Math.round((some / all) * 100)) : 0}%`;
