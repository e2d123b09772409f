import type { Host } from '@berth/shared/model/host';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';
import Link from 'next/link';
import { paths } from '../../lib/paths.ts';
import { CORDONED, lookOfHost, WAITS_FOR_APPROVAL } from '../../ui/state.ts';
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
        <span className="flex shrink-0 gap-3">
          {!status.approved && <StateBadge look={WAITS_FOR_APPROVAL} />}
          {status.cordon && <StateBadge look={CORDONED} />}
          <StateBadge look={lookOfHost(status.state)} />
        </span>
      </div>
      {status.state !== 'ready' && <p className="text-state-amber">{status.message}</p>}
      {status.drain && <p className="text-muted">{status.drain.drainedAt === null ? `Draining: ${status.drain.left} left` : 'Drained'}</p>}
      <Allocation host={host} />
      <p className="mt-auto truncate text-sm text-muted">{factsLine(host)}</p>
    </li>
  );
}

export function Allocation({ host }: { host: Host }) {
  const { capacity, allocated, used } = host.status;
  const cpuUsed = used ? `, ${formatCpu(Math.round(used.cpuMillis / 10) * 10)} used` : '';
  const memoryUsed = used ? `, ${formatBytes(used.memoryBytes)} used` : '';
  return (
    <div className="grid content-start gap-2">
      <Meter
        label="CPU"
        reserved={allocated.cpuMillis}
        used={used?.cpuMillis ?? null}
        total={capacity.cpuMillis}
        words={`${formatCpu(allocated.cpuMillis)} of ${formatCpu(capacity.cpuMillis)} cores reserved${cpuUsed}`}
      />
      <Meter
        label="Memory"
        reserved={allocated.memoryBytes}
        used={used?.memoryBytes ?? null}
        total={capacity.memoryBytes}
        words={`${formatBytes(allocated.memoryBytes)} of ${formatBytes(capacity.memoryBytes)} reserved${memoryUsed}`}
      />
      <p className="text-sm text-muted tabular-nums">{runsNow(allocated.runs)}</p>
    </div>
  );
}

export function runsNow(runs: number): string {
  return runs === 0 ? 'Nothing runs here now' : runs === 1 ? '1 run now' : `${runs} runs now`;
}

function factsLine({ status: { facts, agent } }: Host): string {
  if (!facts) return 'It has not told about itself yet';
  const engine = facts.engine ? `${facts.engine.name} ${facts.engine.version}` : 'no engine';
  const behind = agent.skew === 'protocol' ? ', behind' : '';
  return `${facts.platform} · ${engine} · agent ${facts.agentVersion}${behind}`;
}
