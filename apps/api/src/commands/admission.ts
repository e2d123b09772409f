/** What can be known to be wrong with a spec now is refused now, with the field and the mend. */
import { BerthError } from '@berth/shared/errors/problem';
import { policyDemandOf } from '@berth/shared/model/host-policy';
import type { RunSpec } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { PolicyRepository } from '../persistence/policy-repository.ts';
import { PortRepository } from '../persistence/port-repository.ts';
import type { NewRun } from '../persistence/run-inserter.ts';
import { SecretValues } from '../persistence/secret-values.ts';
import { refusedByHosts } from '../planning/admission/refused-by-hosts.ts';
import { VolumeAdmission } from './volume-admission.ts';

@Injectable()
export class Admission {
  constructor(
    private readonly ports: PortRepository,
    private readonly policies: PolicyRepository,
    private readonly volumes: VolumeAdmission,
    private readonly secrets: SecretValues,
  ) {}

  /** As `admit`, for a run by itself: in the network that the workspace has for those that name none. */
  async admitRun(workspaceId: string, spec: RunSpec, at = 'spec'): Promise<RunSpec> {
    const [admitted, { runsApart }] = await Promise.all([this.admit(workspaceId, spec, at), this.policies.rulesFor(workspaceId)]);
    return runsApart && spec.network === undefined ? { ...admitted, network: 'workspace' } : admitted;
  }

  /**
   * The spec with the versions of its secrets filled in, so that all that is made of it has the same. Throws BerthError for what no host
   * allows, and for volumes and secrets that are not there. `at`: where the spec stands in the request.
   */
  async admit(workspaceId: string, spec: RunSpec, at = 'spec'): Promise<RunSpec> {
    const [pinned] = await Promise.all([
      this.secrets.pin(workspaceId, spec, at),
      this.refuseWhatNoHostAllows(workspaceId, spec, at),
      this.volumes.refuseUnknown(workspaceId, spec, at),
    ]);
    return pinned;
  }

  /** An ordinary run is asked about only where a host limits those, too. */
  private async refuseWhatNoHostAllows(workspaceId: string, spec: RunSpec, at = 'spec'): Promise<void> {
    const ordinary = !spec.privileged && !spec.capabilities?.add && spec.network !== 'host' && !spec.mounts;
    if (ordinary && !(await this.policies.rulesFor(workspaceId)).limitOrdinary) return;
    const refused = refusedByHosts(await this.policies.ofHosts(workspaceId), policyDemandOf(spec));
    if (refused)
      throw new BerthError('refused-by-hosts', refused.detail, {
        errors: refused.errors.map(({ path, message }) => ({ path: path.replace(/^spec/, at), message })),
      });
  }

  /** Of the fixed host ports that it asks for: none that is held on every host that it could have. */
  async refuseTakenPorts(run: NewRun): Promise<void> {
    const holder = await this.ports.holderInTheWay(run.workspace_id, run.spec.ports ?? [], run.cpuMillis, run.memoryBytes);
    if (!holder) return;
    const { runId, runName, hostName, hostPort, protocol, freeHostPort } = holder;
    const offer = freeHostPort === null ? '' : ` Port ${freeHostPort} is free there.`;
    throw new BerthError(
      'host-port-taken',
      `Host port ${hostPort}/${protocol} is held by run "${runName}" on host "${hostName}".${offer}`,
      {
        holder: { runId, runName, hostName },
        ...(freeHostPort !== null && { freeHostPort }),
      },
    );
  }
}
