/** (f) Resident memory of the agent and the api once they have come to rest, beside a Node process that does nothing. */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { type Figure, median } from '../figures.ts';
import { residentMB } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

export async function memory(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    if (bare.pid === undefined) throw new Error('a bare Node process did not start');
    const processes = { agent: stage.agent.pid, api: stage.berth.api.pid, bare: bare.pid };
    // At rest is what is measured, and rest takes time: samples over a while, and their median.
    const samples: Record<keyof typeof processes, number[]> = { agent: [], api: [], bare: [] };
    const seconds = quick ? 5 : 30;
    progress(`watching for ${seconds} s`);
    for (let second = 0; second < seconds; second++) {
      await delay(1000);
      for (const name of ['agent', 'api', 'bare'] as const) samples[name].push(residentMB(processes[name]));
    }
    const baseline = { name: 'node that does nothing', value: median(samples.bare) };
    const figure = (name: 'agent' | 'api', bound: Figure['bound']): Figure => ({
      scenario: 'f',
      name: `${name}, idle, resident`,
      value: median(samples[name]),
      unit: 'MB',
      baseline,
      bound,
      details: { peakMB: Math.round(residentMB(processes[name], 'VmHWM')), samples: seconds },
    });
    return [figure('agent', { of: 'value', kind: 'at-most', limit: 80 }), figure('api', null)];
  } finally {
    bare.kill('SIGKILL');
  }
}
