/** Agents that are not the one of this Berth. Pure. */
import type { Host } from '@berth/shared/model/host';

/** Of a host no more than this is asked. */
type Agent = Pick<Host['status']['agent'], 'skew' | 'version'>;

export const isBehind = ({ skew }: Agent): boolean => skew !== 'none' && skew !== 'unknown';

/** "3 of 7 hosts run another agent than this Berth has: 2 of version 0.0.9, 1 one protocol behind" */
export function skewInWords(agents: readonly Agent[]): string {
  const behind = agents.filter(isBehind);
  const kinds = new Map<string, number>();
  for (const { skew, version } of behind) {
    const kind = skew === 'protocol' ? 'one protocol behind' : skew === 'build' ? 'of another build' : `of version ${version}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const list = [...kinds].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(([kind, count]) => `${count} ${kind}`);
  const verb = behind.length === 1 ? 'runs' : 'run';
  return `${behind.length} of ${counted(agents.length)} ${verb} another agent than this Berth has: ${list.join(', ')}`;
}

const counted = (hosts: number): string => (hosts === 1 ? '1 host' : `${hosts} hosts`);
