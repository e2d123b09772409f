/** Every scenario, by the letter that issue and report know it by. */
import type { Figure } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import { burst } from './burst.ts';
import { consoleAtScale } from './console-at-scale.ts';
import { controlPlane } from './control-plane.ts';
import { fastWriter } from './fast-writer.ts';
import { firstByte } from './first-byte.ts';
import { fleet } from './fleet.ts';
import { followLatency } from './follow-latency.ts';
import { idleAgents } from './idle-agents.ts';
import { logPanel } from './log-panel.ts';
import { logSearch } from './log-search.ts';
import { logThroughput } from './log-throughput.ts';
import { memory } from './memory.ts';
import { runLatency } from './run-latency.ts';
import { serviceRoll } from './service-roll.ts';
import { serviceScale } from './service-scale.ts';
import { stats } from './stats.ts';
import { terminalEcho } from './terminal-echo.ts';
import { viewers } from './viewers.ts';

export interface BenchOptions {
  /** Fewer samples: to see that it works, not to believe the figures. */
  quick: boolean;
  /** One line on how far it is. */
  progress: (line: string) => void;
}

export type Scenario = (stage: BenchStage, options: BenchOptions) => Promise<Figure[]>;

/** In the order in which they run: memory first, while everything is idle and fresh. */
export const SCENARIOS: Record<string, { title: string; run: Scenario }> = {
  f: { title: 'resident memory, idle', run: memory },
  o: { title: 'fleet: 5,000 idle agents', run: idleAgents },
  a: { title: 'run latency: create to exited', run: runLatency },
  b: { title: 'first byte: create to the first byte of the log', run: firstByte },
  c: { title: 'burst: 40 runs at once', run: burst },
  k: { title: 'statistics of 50 running containers', run: stats },
  e: { title: 'log: 50 MB to one websocket client', run: logThroughput },
  h: { title: 'search in a log of 1 GB: the first hit, at its end', run: logSearch },
  g: { title: 'log: 1,000 viewers of one run', run: viewers },
  j: { title: 'log: from a write to a follower', run: followLatency },
  m: { title: 'log: a container that writes as fast as it can', run: fastWriter },
  i: { title: 'log panel: 1,000,000 lines scrolled in a browser', run: logPanel },
  l: { title: 'terminal: echo of a key', run: terminalEcho },
  q: { title: 'service: from 0 to 20 replicas', run: serviceScale },
  r: { title: 'service: 10 replicas rolled, while clients ask', run: serviceRoll },
  d: { title: 'control plane: 100 simulated hosts, 10,000 runs', run: controlPlane },
  n: { title: 'fleet: 1,000 simulated hosts, 100,000 runs, a million stored', run: fleet },
  p: { title: 'console: 1,000 hosts and 100,000 runs in a browser', run: consoleAtScale },
};
