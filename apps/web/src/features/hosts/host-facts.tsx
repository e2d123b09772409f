import type { Host } from '@berth/shared/model/host';
import type { HostPolicy } from '@berth/shared/model/host-policy';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';
import { formatAbsolute, formatAge } from '../../lib/format.ts';

/** What the machine is and what it runs of Berth's, with how the versions go together. */
export function HostFacts({ host }: { host: Host }) {
  const { facts, agent, policy, key, clockOffsetSeconds } = host.status;
  if (!facts) return null;
  const protocol = agent.protocol === null ? '' : `, protocol ${agent.protocol}`;
  const rows: [string, string][] = [
    ['Platform', `${facts.platform}, ${facts.kernel}`],
    ['Engine', engineLine(host.status)],
    ['Machine', `${facts.hostname}, ${formatCpu(facts.cpuMillis)} cores, ${formatBytes(facts.memoryBytes)}`],
    ...clockRow(clockOffsetSeconds),
    ['Allows', policyLine(policy)],
    ['Key', key.revokedAt ? `revoked ${formatAbsolute(key.revokedAt).slice(0, 16)}` : `of ${formatAbsolute(key.changedAt).slice(0, 16)}`],
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

function engineLine({ facts, sharesEngine }: Host['status']): string {
  if (!facts?.engine) return 'none answers';
  const { name, version, apiVersion } = facts.engine;
  return `${name} ${version} (API ${apiVersion})${sharesEngine ? '; another workspace uses it, too: runs are in the private network of this one' : ''}`;
}

/** A message may be under way for a while: less than this says nothing of a clock. */
const CLOCK_TOLERANCE_SECONDS = 5;
function clockRow(offset: number | null): [string, string][] {
  if (offset === null || Math.abs(offset) < CLOCK_TOLERANCE_SECONDS) return [];
  const amount = formatAge(Math.abs(offset));
  return [['Clock', `${amount} ${offset > 0 ? 'ahead' : 'behind'}: the times in its logs and of its runs are by it`]];
}

/** What its policy file allows beyond an ordinary container, and what it limits. */
function policyLine(policy: HostPolicy | null): string {
  if (!policy) return 'not told by its agent';
  const allowed = [
    ...(policy.privileged ? ['privileged containers'] : []),
    ...(policy.hostNetwork ? ["the host's network"] : []),
    ...(policy.capabilities.length > 0 ? [`the capabilities ${policy.capabilities.join(', ')}`] : []),
    ...(policy.mounts.length > 0
      ? [`mounts of ${policy.mounts.map(({ path, readOnly }) => (readOnly ? `${path} (read-only)` : path)).join(', ')}`]
      : []),
  ];
  const limits = [
    ...(policy.registries ? [`images from ${policy.registries.join(', ') || 'no registry'}`] : []),
    ...(policy.mostCpuMillis === null ? [] : [`at most ${formatCpu(policy.mostCpuMillis)} cores a run`]),
    ...(policy.mostMemoryBytes === null ? [] : [`at most ${formatBytes(policy.mostMemoryBytes)} of memory a run`]),
  ];
  const beyond = allowed.length === 0 ? 'ordinary containers only' : `ordinary containers, and ${allowed.join('; ')}`;
  return limits.length === 0 ? beyond : `${beyond}. Only ${limits.join('; ')}`;
}
