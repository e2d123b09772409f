/** The agent's process, from its configuration to its exit code. Containers outlive it: stopping the agent stops none of them. */
import { startAgent } from './agent.ts';
import { readConfig } from './config/env.ts';
import { openLog } from './log.ts';

/** Throws, with one sentence, what only a person can mend. */
export async function run(): Promise<void> {
  const config = readConfig();
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  const agent = await Promise.race([startAgent(config, openLog(config.logLevel)), stopped]);
  if (!agent) return;
  try {
    await Promise.race([agent.refused, stopped]);
  } finally {
    await agent.stop();
  }
}
