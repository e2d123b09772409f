import type { Host } from '@berth/shared/model/host';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';
import { Meter } from './meter.tsx';

/** What is reserved of a host, and what its runs use of it. */
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

function runsNow(runs: number): string {
  return runs === 0 ? 'Nothing runs here now' : runs === 1 ? '1 run now' : `${runs} runs now`;
}
