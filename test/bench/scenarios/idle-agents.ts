/** (o) Agents that have nothing to do, held by one api process: what each costs it in memory and in processor time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Figure } from '../figures.ts';
import { cpuSeconds, residentMB } from '../process-cost.ts';
import { startSimulatedHosts } from '../simulated-hosts.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

export async function idleAgents({ berth }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const agents = quick ? 200 : 5_000;
  const seconds = quick ? 10 : 30;
  const client = await berth.tenant('bench-idle');
  const { token } = await client.createJoinToken({ maxUses: null });
  const { pid } = berth.api;
  const idle = async () => {
    const before = cpuSeconds(pid);
    const start = performance.now();
    await delay(seconds * 1000);
    return ((cpuSeconds(pid) - before) / ((performance.now() - start) / 1000)) * 100;
  };
  const [memoryBefore, cpuBefore] = [residentMB(pid), await idle()];
  const simulated = await startSimulatedHosts({ url: client.account.url, joinTokens: [token], count: agents, image: 'hello-world:latest' });
  try {
    progress(`${agents} agents are connected`);
    // What their coming cost is not what holding them costs.
    await delay(seconds * 1000);
    const cpu = await idle();
    const memory = residentMB(pid);
    progress(`api ${memoryBefore.toFixed(0)} → ${memory.toFixed(0)} MB, ${cpuBefore.toFixed(1)} → ${cpu.toFixed(1)} % of a core`);
    const figure = (name: string, value: number, unit: string): Figure => ({
      scenario: 'o',
      name,
      value,
      unit,
      baseline: null,
      bound: null,
      details: { agents, seconds, heartbeatSeconds: 5 },
    });
    return [
      figure('memory of the api for an idle agent', ((memory - memoryBefore) * 1e6) / 1024 / agents, 'KiB'),
      figure('processor time of the api for 1,000 idle agents', ((cpu - cpuBefore) / agents) * 1000, '% of a core'),
    ];
  } finally {
    await simulated.end();
  }
}
