import type { Host } from '@berth/shared/model/host';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';

/** What the machine is and what it runs of Berth's, with how the versions go together. */
export function HostFacts({ host }: { host: Host }) {
  const { facts, agent } = host.status;
  if (!facts) return null;
  const protocol = agent.protocol === null ? '' : `, protocol ${agent.protocol}`;
  const rows: [string, string][] = [
    ['Platform', `${facts.platform}, ${facts.kernel}`],
    ['Engine', facts.engine ? `${facts.engine.name} ${facts.engine.version} (API ${facts.engine.apiVersion})` : 'none answers'],
    ['Machine', `${facts.hostname}, ${formatCpu(facts.cpuMillis)} cores, ${formatBytes(facts.memoryBytes)}`],
    ['Agent', `${facts.agentVersion}${protocol}; ${agent.message}`],
  ];
  return (
    <dl className="grid grid-cols-[80px_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
