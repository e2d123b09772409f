/** The agent's process. Containers outlive it: stopping the agent stops none of them. */
import { startAgent } from './agent.ts';
import { readConfig } from './config/env.ts';
import { openLog } from './log.ts';

async function main(): Promise<number> {
  const config = readConfig(process.argv.slice(2), process.env);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  const starting = startAgent(config, openLog(config.logLevel));
  const agent = await Promise.race([starting, stopped]);
  if (!agent) return 0;
  await Promise.race([agent.refused, stopped]);
  await agent.stop();
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
