import type { Host } from '@berth/shared/model/host';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';
import Link from 'next/link';
import { paths } from '../../lib/paths.ts';
import { lookOfHost } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Meter } from './meter.tsx';

/** A host at a glance: state and why, what is reserved of what there is, what it is made of. */
export function HostTile({ host, workspace }: { host: Host; workspace: string }) {
  const { metadata, status } = host;
  return (
    <li className="relative flex flex-col gap-3 rounded-lg border border-line bg-panel p-4 hover:border-line-strong">
      <div className="flex items-center justify-between gap-3">
        <h2 className="min-w-0 truncate font-semibold">
          <Link href={paths.host(workspace, metadata.id)} className="after:absolute after:inset-0 after:rounded-lg">
            {metadata.name}
          </Link>
        </h2>
        <StateBadge look={lookOfHost(status.state)} />
      </div>
      {status.state !== 'ready' && <p className="text-state-amber">{status.message}</p>}
      {status.drain && <p className="text-muted">{status.drain.drainedAt === null ? `Draining: ${status.drain.left} left` : 'Drained'}</p>}
      <Allocation host={host} />
      <p className="mt-auto truncate text-sm text-muted">{factsLine(host)}</p>
    </li>
  );
}

export function Allocation({ host }: { host: Host }) {
  const { capacity, allocated } = host.status;
  return (
    <div className="grid gap-2">
      <Meter
        label="CPU"
        used={allocated.cpuMillis}
        total={capacity.cpuMillis}
        words={`${formatCpu(allocated.cpuMillis)} of ${formatCpu(capacity.cpuMillis)} cores`}
      />
      <Meter
        label="Memory"
        used={allocated.memoryBytes}
        total={capacity.memoryBytes}
        words={`${formatBytes(allocated.memoryBytes)} of ${formatBytes(capacity.memoryBytes)}`}
      />
      <p className="text-sm text-muted tabular-nums">
        {allocated.runs === 0 ? 'Nothing runs here now' : allocated.runs === 1 ? '1 run now' : `${allocated.runs} runs now`}
      </p>
    </div>
  );
}

function factsLine({ status: { facts } }: Host): string {
  if (!facts) return 'It has not told about itself yet';
  const engine = facts.engine ? `${facts.engine.name} ${facts.engine.version}` : 'no engine';
  return `${facts.platform} · ${engine} · agent ${facts.agentVersion}`;
}
