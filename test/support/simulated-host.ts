/** A host with a simulated agent that is ready, for what is to be seen of hosts through the api. */
import type { HostPolicy } from '@berth/shared/model/host-policy';
import { SimulatedAgent, type SimulatedHost } from '../fakes/simulated-agent.ts';
import { SimulatedEngine, type Timeline } from '../fakes/simulated-engine.ts';
import { enrolSimulatedHost } from '../fakes/simulated-identity.ts';
import type { BerthClient } from './client.ts';
import { eventually } from './eventually.ts';

const timeline = (runMs: number | null): Timeline => ({
  pullMs: 0,
  createMs: 0,
  startMs: 0,
  output: [],
  runMs,
  exitCode: 0,
  onStop: 'exits',
});

/** Images that begin with "server" run until they are stopped, the others end at once. */
export async function addSimulatedHost(
  client: BerthClient,
  name: string,
  policy?: HostPolicy,
): Promise<{ agent: SimulatedAgent; hostId: string; host: SimulatedHost }> {
  const { token } = await client.createJoinToken();
  const engine = new SimulatedEngine({ behaviour: ({ image }) => timeline(image.startsWith('server') ? null : 0) });
  const host = await enrolSimulatedHost({ url: client.account.url, joinToken: token, name, engine, policy });
  const agent = new SimulatedAgent(client.account.url, host);
  const { hostId } = host.identity;
  await eventually(
    `${name} to be ready`,
    async () => (await client.getHost(hostId)).status.state === 'ready',
    () => client.getHost(hostId),
  );
  return { agent, hostId, host };
}
