/** The contract suite's stage with a simulated agent: a real api, a simulated host. */
import { strangeAgent } from '../support/agent-bundle.ts';
import { startBerth } from '../support/berth.ts';
import type { AgentUnderTest, ContractStage } from './agent-contract.ts';
import { programBehaviour } from './contract-program.ts';
import { SimulatedAgent, type SimulatedHost } from './simulated-agent.ts';
import { SimulatedEngine } from './simulated-engine.ts';
import { enrolSimulatedHost } from './simulated-identity.ts';

export async function openSimulatedStage(): Promise<ContractStage> {
  const offeredVersion = '0.9.9';
  const berth = await startBerth({ env: { AGENT_BUNDLE: await strangeAgent(offeredVersion, '') } });
  return {
    client: berth.client,
    offeredVersion,
    image: 'busybox:latest',
    missingImage: 'busybox:no-such-tag',
    async agent(url, joinToken, name) {
      const engine = new SimulatedEngine({ behaviour: programBehaviour, registry: ['busybox:latest'] });
      return simulatedAgentUnderTest(url, await enrolSimulatedHost({ url, joinToken, name, engine }));
    },
    close: () => berth.stop(),
  };
}

function simulatedAgentUnderTest(url: string, host: SimulatedHost): AgentUnderTest {
  let agent: SimulatedAgent | undefined;
  return {
    hostId: async () => host.identity.hostId,
    async start() {
      agent = new SimulatedAgent(url, host);
    },
    async crash() {
      agent?.crash();
    },
    starts: async (attemptId) => host.engine.starts.get(attemptId) ?? 0,
    async close() {
      agent?.close();
    },
  };
}
