/**
 * The network of a workspace on this engine: a bridge of its own, in which the names of its containers resolve and which no other network
 * reaches. It is made when it is first needed, and made again where somebody removed it.
 */
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import { workspaceNetwork } from '@berth/shared/model/workspace-network';
import type Docker from 'dockerode';
import { LABELS } from './create-body.ts';
import { awayFailure, readAnswer } from './docker-failure.ts';

/** As moby says it, when a container is made or when it is started. */
const MISSING = /network \S+ not found/i;
export const isNetworkMissing = (error: unknown): boolean => MISSING.test(readAnswer(error).words);

export class WorkspaceNetworks {
  readonly #docker: Docker;
  /** By the workspace: made, or found, since this process began. */
  readonly #made = new Map<string, Promise<Outcome<void>>>();

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  /** Containers that ask at once wait for one answer. */
  async ensure(workspaceId: string): Promise<Outcome<void>> {
    const made = this.#made.get(workspaceId) ?? this.#make(workspaceId);
    this.#made.set(workspaceId, made);
    const outcome = await made;
    if (!outcome.ok && this.#made.get(workspaceId) === made) this.#made.delete(workspaceId);
    return outcome;
  }

  /** It was found missing. */
  again(workspaceId: string): Promise<Outcome<void>> {
    this.#made.delete(workspaceId);
    return this.ensure(workspaceId);
  }

  /**
   * A container that was made before its network was made again still looks for the one that is gone: it is taken from that and joined to
   * the new one, by the same names. False: it is not one of a workspace's network.
   */
  async rejoin(containerId: string): Promise<Outcome<boolean>> {
    try {
      const container = this.#docker.getContainer(containerId);
      const { Config, HostConfig, NetworkSettings } = await container.inspect();
      const workspaceId = Config.Labels[LABELS.workspace];
      if (workspaceId === undefined || HostConfig.NetworkMode !== workspaceNetwork(workspaceId)) return { ok: true, value: false };
      const made = await this.again(workspaceId);
      if (!made.ok) return made;
      const name = workspaceNetwork(workspaceId);
      const { Aliases } = NetworkSettings.Networks[name] ?? {};
      const network = this.#docker.getNetwork(name);
      await network.disconnect({ Container: containerId, Force: true }).catch(() => undefined);
      await network.connect({ Container: containerId, EndpointConfig: { Aliases: Aliases ?? [] } });
      return { ok: true, value: true };
    } catch (error) {
      return { ok: false, failure: networkFailure(error) };
    }
  }

  async #make(workspaceId: string): Promise<Outcome<void>> {
    const Name = workspaceNetwork(workspaceId);
    try {
      await this.#docker.getNetwork(Name).inspect();
      return { ok: true, value: undefined };
    } catch (error) {
      if (readAnswer(error).statusCode !== 404) return { ok: false, failure: networkFailure(error) };
    }
    try {
      await this.#docker.createNetwork({ Name, Driver: 'bridge', CheckDuplicate: true, Labels: { [LABELS.workspace]: workspaceId } });
      return { ok: true, value: undefined };
    } catch (error) {
      // Another agent of the workspace that shares this engine was quicker.
      if (readAnswer(error).statusCode === 409) return { ok: true, value: undefined };
      return { ok: false, failure: networkFailure(error) };
    }
  }
}

/** It may be that there is no free address range, or a filter cannot be written: both may pass. */
function networkFailure(error: unknown): Failure {
  const message = `the network of the workspace cannot be made on the host: ${readAnswer(error).words}`;
  return awayFailure(error) ?? { kind: 'cannot-now', reason: 'no-network', message, cause: error };
}
