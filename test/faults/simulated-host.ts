/** A host with a simulated engine and agent, held to the contract of the real ones (test/fakes/agent-contract.ts). */
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { until } from '../../scripts/parts/until.ts';
import { restartable } from '../support/restartable.ts';
import type { AttemptRecord, ContainerNow, FleetHost } from './fleet-host.ts';
import { openHostSpace } from './host-space.ts';
import type { HostChoice } from './real-host.ts';

const PROGRAM = fileURLToPath(new URL('./simulated-process.ts', import.meta.url));

const stateSchema = z.object({
  starts: z.array(z.object({ attemptId: z.string(), runId: z.string(), starts: z.number() })),
  containers: z.array(
    z.object({ id: z.string(), attemptId: z.string(), runId: z.string(), isRunning: z.boolean(), hostPorts: z.array(z.number()) }),
  ),
});

export async function startSimulatedHost({ name, client, replicas, registry }: HostChoice): Promise<FleetHost> {
  const space = await openHostSpace(name, replicas, registry);
  const socket = join(space.folder, 'commands.sock');
  const { token } = await client.createJoinToken();
  const digests = {
    'busybox:latest': await digestAt(registry, 'library/busybox'),
    'hello-world:latest': await digestAt(registry, 'library/hello-world'),
  };
  const process = restartable({
    what: `the simulated host ${name}`,
    logFile: join(space.folder, 'agent.log'),
    args: [PROGRAM, JSON.stringify({ url: space.toApi.url, joinToken: token, name, socket, digests })],
    env: {},
    sandbox: space.sandbox,
    ready: async () => undefined,
  });
  await process.start();
  const host = await until(
    async () => (await client.listHosts()).items.find(({ metadata, status }) => metadata.name === name && status.state === 'ready'),
    {
      what: `host ${name} to be ready`,
      timeoutMs: 60_000,
      describe: () => process.log(),
    },
  );

  const attempts = new Map<string, AttemptRecord>();
  const forgotten = new Set<string>();
  const tell = async (command: 'kill' | 'start') => void (await ask(socket, command));
  return {
    name,
    hostId: host.metadata.id,
    isReal: false,
    space,
    witness: {
      attempts,
      forget() {
        for (const attemptId of attempts.keys()) forgotten.add(attemptId);
        attempts.clear();
      },
      async containers(): Promise<ContainerNow[] | null> {
        let state: z.infer<typeof stateSchema>;
        try {
          state = stateSchema.parse(await ask(socket, 'containers'));
        } catch {
          return null;
        }
        for (const { attemptId, runId, starts } of state.starts) {
          if (forgotten.has(attemptId)) continue;
          const all = Array.from({ length: starts }, (_, number) => `${attemptId}@${number}`);
          attempts.set(attemptId, { attemptId, runId, started: new Set(starts > 0 ? [attemptId] : []), starts: new Set(all) });
        }
        return state.containers;
      },
      isRunning: async ({ isRunning }) => isRunning,
    },
    agent: {
      get isRunning() {
        return process.isRunning;
      },
      kill: () => tell('kill'),
      start: () => tell('start'),
      freeze: () => process.freeze(),
      thaw: () => process.thaw(),
      log: () => process.log(1000),
    },
    engine: null,
    agentHome: null,
    moveClock: () => undefined,
    engineKills: [],
    diskFills: [],
    close: () => space.destroy(),
  };
}

const ANSWER_MS = 2_000;

function ask(socketPath: string, command: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const question = request({ socketPath, path: `/${command}`, timeout: ANSWER_MS }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => {
        text += piece.toString();
      });
      response.once('end', () => resolve(JSON.parse(text)));
    });
    question.once('timeout', () => question.destroy(new Error('the simulated host does not answer')));
    question.once('error', reject);
    question.end();
  });
}

/** What the real hosts pull is what this one says it has: a service that is pinned by it can go to any of them. */
async function digestAt(registry: string, repository: string): Promise<string> {
  const accept =
    'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
  const answer = await fetch(`${registry}/v2/${repository}/manifests/latest`, { method: 'HEAD', headers: { accept } });
  const digest = answer.headers.get('docker-content-digest');
  if (digest === null) throw new Error(`the registry has no ${repository}: ${answer.status}`);
  return digest;
}
