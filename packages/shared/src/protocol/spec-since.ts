/** Which version of the protocol a spec needs: an agent refuses a spec with a field that it does not know. */
import type { RunSpec } from '../model/run.ts';
import { OLDEST_PROTOCOL_VERSION } from './version.ts';

/** Fields that came with a version that is newer than the oldest one spoken. */
const SINCE: Partial<Record<keyof RunSpec, number>> = { secrets: 5, volumes: 5 };
const WORKSPACE_NETWORK_SINCE = 5;
/** What the api alone acts upon: it is not sent. */
const API_ONLY: readonly (keyof RunSpec)[] = ['onHostLost', 'hostLostAfterSeconds', 'selfFence', 'placement', 'priority', 'concurrency'];

/** The oldest version whose agents understand the spec. */
export function protocolFor(spec: Partial<RunSpec>): number {
  const since = Object.entries(SINCE).map(([field, version]) => (field in spec ? version : 0));
  return Math.max(OLDEST_PROTOCOL_VERSION, ...since, spec.network === 'workspace' ? WORKSPACE_NETWORK_SINCE : 0);
}

export function specForAgent(spec: RunSpec): RunSpec {
  const sent = { ...spec };
  for (const field of API_ONLY) delete sent[field];
  return sent;
}
