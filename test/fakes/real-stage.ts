/** The contract suite's stage with the real agent: a process of its own on a real, private engine. */
import Docker from 'dockerode';
import { z } from 'zod';
import { buildAgent } from '../support/agent-bundle.ts';
import { type Agent, startBerth } from '../support/berth.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { pushBusybox } from '../support/images.ts';
import { startRegistry } from '../support/registry.ts';
import type { AgentUnderTest, ContractStage } from './agent-contract.ts';

export async function openRealStage(): Promise<ContractStage> {
  const offeredVersion = '0.9.9';
  const berth = await startBerth({ env: { AGENT_BUNDLE: await buildAgent(offeredVersion) } });
  const registry = await startRegistry();
  await pushBusybox(registry, 'contract');
  const engine = await startEngine();
  let agent: Agent | undefined;
  return {
    client: berth.client,
    offeredVersion,
    image: `${registry.server}/contract:latest`,
    missingImage: `${registry.server}/contract:no-such-tag`,
    async agent(url, _joinToken, name): Promise<AgentUnderTest> {
      return {
        hostId: async () => agent?.hostId ?? '',
        async start() {
          if (agent) await agent.start();
          else agent = await berth.startAgent({ engine, name, url });
        },
        crash: async () => agent?.kill(),
        starts: (attemptId) => startsOf(engine, attemptId),
        close: async () => agent?.stop(),
      };
    },
    async close() {
      await berth.stop();
      await engine.destroy();
      await registry.stop();
    },
  };
}

const eventsSchema = z.object({ Actor: z.object({ Attributes: z.record(z.string(), z.string()) }) });

/** From the engine's own events: what carries the attempt's id in its name or in a label counts. */
async function startsOf(engine: Engine, attemptId: string): Promise<number> {
  const docker = new Docker({ socketPath: engine.socket });
  const filters = { type: ['container'], event: ['start'] };
  const stream = await docker.getEvents({ since: 0, until: Math.floor(Date.now() / 1000) + 1, filters: JSON.stringify(filters) });
  let text = '';
  for await (const piece of stream) text += piece.toString();
  const starts = text.split('\n').filter((line) => line !== '');
  return starts.filter((line) => JSON.stringify(eventsSchema.parse(JSON.parse(line)).Actor.Attributes).includes(attemptId)).length;
}
