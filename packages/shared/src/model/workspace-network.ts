/** The private network that a workspace has on each of its hosts, and the names by which its containers find one another. Pure. */

/** The engine's own, in which all are that do not ask for another one. */
export const DEFAULT_NETWORK = 'bridge';

/** As the engines of hosts call it. */
export const workspaceNetwork = (workspaceId: string): string => `berth-${workspaceId}`;

/** A run with this label is a replica of the service of that name. */
export const SERVICE_LABEL = 'berth.service';

/** RFC 1123, in lower case; what looks like an address is none. */
const DNS_NAME = /^(?=.{1,253}$)(?!\d+(?:\.\d+){3}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Its own name, and that of the service that it is a replica of; a name that DNS cannot have is left out. */
export function networkAliases(runName: string, service: string | null): string[] {
  const names = service === null ? [runName] : [runName, service];
  return [...new Set(names)].filter((name) => DNS_NAME.test(name));
}

/** The container's label with the network that it was joined to, and of each volume with its name on the engine. */
export const NETWORK_LABEL = 'berth.network';
export const volumeLabel = (target: string): string => `berth.volume:${target}`;
