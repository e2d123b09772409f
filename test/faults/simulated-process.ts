/**
 * A simulated host as a process of its own, in a network of its own: started by startSimulatedHost, told what to do by requests on a
 * socket in its folder. Its engine lives on when its agent "dies", as a real one does.
 */
import { createServer } from 'node:http';
import type { Assignment } from '@berth/shared/protocol/agent';
import { z } from 'zod';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { SimulatedEngine } from '../fakes/simulated-engine.ts';
import { enrolSimulatedHost, SIMULATED_FACTS } from '../fakes/simulated-identity.ts';
import { SIMULATED_MEMORY_BYTES, workBehaviour } from './work.ts';

const optionsSchema = z.object({
  url: z.string(),
  joinToken: z.string(),
  name: z.string(),
  socket: z.string(),
  digests: z.record(z.string(), z.string()),
});

const { url, joinToken, name, socket, digests } = optionsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const engine = new SimulatedEngine({ behaviour: workBehaviour, digests });
const facts = { ...SIMULATED_FACTS, cpuMillis: 2000, memoryBytes: SIMULATED_MEMORY_BYTES };
const host = await enrolSimulatedHost({ url, joinToken, name, engine, facts });
/** All attempts that were ever assigned, and their runs. */
const runs = new Map<string, string>();
host.ledger.assignments = new (class extends Map<string, Assignment> {
  override set(attemptId: string, assignment: Assignment): this {
    runs.set(attemptId, assignment.runId);
    return super.set(attemptId, assignment);
  }
})();
let agent: SimulatedAgent | undefined = new SimulatedAgent(url, host);

const commands: Record<string, () => unknown> = {
  start() {
    agent ??= new SimulatedAgent(url, host);
  },
  kill() {
    agent?.crash();
    agent = undefined;
  },
  containers() {
    return {
      starts: [...engine.starts].map(([attemptId, starts]) => ({ attemptId, starts, runId: runs.get(attemptId) ?? '' })),
      containers: [...engine.containers].map(([attemptId, { phase }]) => ({
        id: attemptId,
        attemptId,
        runId: runs.get(attemptId) ?? '',
        isRunning: phase === 'running' || phase === 'stopping',
        hostPorts: [],
      })),
    };
  },
};

createServer((request, response) => {
  const answer = commands[request.url?.slice(1) ?? '']?.();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer ?? {}));
}).listen(socket);
