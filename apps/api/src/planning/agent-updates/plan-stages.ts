/** Which hosts an update of agents is for, in which stages, and which of them are left out and why. Pure (law L2). */
import { type AgentUpdateSpec, isSelected, stagesOf } from '@berth/shared/model/agent-update';

export interface Candidate {
  id: string;
  name: string;
  labels: Record<string, string>;
  ready: boolean;
  /** Why it is not ready. */
  message: string;
  sha256: string | null;
  version: string | null;
  /** Why it cannot be updated from here. */
  fixed: string | null;
  /** The update that it is in. */
  busyWith: string | null;
}

export interface PlannedHost {
  hostId: string;
  hostName: string;
  /** From 1 on; 0: it is left out. */
  stage: number;
  state: 'waiting' | 'skipped';
  message: string;
  fromVersion: string | null;
}

/** Hosts that run it already are not in it. */
export function planStages(candidates: readonly Candidate[], spec: AgentUpdateSpec, sha256: string): PlannedHost[] {
  const wanted = candidates.filter((host) => isSelected(host, spec) && host.sha256 !== sha256);
  const able = wanted.filter((host) => whyNot(host) === null);
  const staged = stagesOf(able, ({ name }) => name, spec).flatMap((stage, index) =>
    stage.map((host) => planned(host, index + 1, 'waiting', 'waits for its turn')),
  );
  const skipped = wanted.flatMap((host) => {
    const why = whyNot(host);
    return why === null ? [] : [planned(host, 0, 'skipped', why)];
  });
  return [...staged, ...skipped];
}

const planned = ({ id, name, version }: Candidate, stage: number, state: PlannedHost['state'], message: string): PlannedHost => ({
  hostId: id,
  hostName: name,
  stage,
  state,
  message,
  fromVersion: version,
});

function whyNot({ fixed, ready, message, busyWith }: Candidate): string | null {
  if (busyWith !== null) return `it is in the update ${busyWith}, which is not over`;
  if (fixed !== null) return fixed;
  return ready ? null : `it is not ready: ${message}; update it once it is back`;
}
