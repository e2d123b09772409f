/** The identity of a simulated host: an ed25519 key of its own, enrolled with a join token as a real agent is. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { HostFacts } from '@berth/shared/model/host';
import type { HostPolicy } from '@berth/shared/model/host-policy';
import { challengeText, type EnrolRequest, enrolResponseSchema } from '@berth/shared/protocol/agent';
import { type SimulatedHost } from './simulated-agent.ts';
import type { SimulatedEngine } from './simulated-engine.ts';

export interface SimulatedIdentity {
  hostId: string;
  hostName: string;
  privateKey: KeyObject;
}

export const SIMULATED_FACTS: HostFacts = {
  hostname: 'simulated',
  platform: 'linux/amd64',
  kernel: 'simulated',
  engine: { name: 'simulated', version: '1.0.0', apiVersion: '1.41' },
  agentVersion: '0.0.0-simulated',
  cpuMillis: 64_000,
  memoryBytes: 256 * 1024 ** 3,
};

export function signChallenge(identity: SimulatedIdentity, nonce: string): string {
  return sign(null, Buffer.from(challengeText(identity.hostId, nonce)), identity.privateKey).toString('base64');
}

export interface EnrolOptions {
  url: string;
  joinToken: string;
  name: string;
  engine: SimulatedEngine;
  facts?: HostFacts;
  policy?: HostPolicy;
}

/** Throws with the api's own words where it refuses. */
export async function enrolSimulatedHost({
  url,
  joinToken,
  name,
  engine,
  facts = SIMULATED_FACTS,
  policy,
}: EnrolOptions): Promise<SimulatedHost> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const request: EnrolRequest = { joinToken, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), name, facts };
  const response = await fetch(`${url}/v1/agents/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`enrolling ${name} was refused: ${response.status} ${JSON.stringify(body)}`);
  const { hostId, hostName } = enrolResponseSchema.parse(body);
  return { identity: { hostId, hostName, privateKey }, facts, engine, policy, ledger: { generation: 0, assignments: new Map() } };
}
