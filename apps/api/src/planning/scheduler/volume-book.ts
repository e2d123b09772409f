/** Where the volumes of pending runs lie while a plan grows: two runs that have one in common go to the same host, also in one plan. */
import type { CandidateHost, Demand, PendingRun, PlannedVolume } from './model.ts';

export class VolumeBook {
  private readonly volumes = new Map<string, PlannedVolume>();

  constructor(pending: readonly PendingRun[]) {
    for (const { volumes } of pending) {
      for (const volume of volumes) if (!this.volumes.has(volume.id)) this.volumes.set(volume.id, { ...volume });
    }
  }

  of(run: PendingRun): PlannedVolume[] {
    return run.volumes.flatMap(({ id }) => this.volumes.get(id) ?? []);
  }
}

/** The run is on the host from here on. Answers the volumes that lie there because of it. */
export function bindVolumes({ volumes }: Demand, host: CandidateHost): string[] {
  const free = volumes.filter(({ lies }) => lies === null);
  for (const volume of free) volume.lies = { hostId: host.id, hostName: host.name, removed: false, lost: false };
  return free.map(({ id }) => id);
}
