/** The agent's process, from its configuration to its exit code. Containers outlive it: stopping the agent stops none of them. */
import { startAgent } from './agent.ts';
import { readConfig } from './config/env.ts';
import { openLog } from './log.ts';
import { become } from './update/become.ts';
import { ownBundle, startChosen } from './update/own-bundle.ts';
import { tryBundle } from './update/try-bundle.ts';
import { UpdateFolder } from './update/update-folder.ts';

/** `file`: what this process runs from. Throws, with one sentence, what only a person can mend. */
export async function run(file: string): Promise<void> {
  const config = readConfig();
  const log = openLog(config.logLevel);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    // Whoever tries this version is gone: the one before is started again, and two must not be.
    if (config.part === 'trial') process.once('disconnect', () => resolve());
  });
  const [own, folder] = await Promise.all([ownBundle(file), UpdateFolder.open(config.home)]);
  if (config.part === 'supervisor') {
    try {
      return await tryBundle(config, folder, file, stopped, log);
    } catch (error) {
      // Nothing may leave the host without an agent: the one before goes on.
      log.error('the new version cannot be tried', { why: error instanceof Error ? error.message : String(error) });
      become(file);
    }
  }
  if (config.part === 'agent') await startChosen(folder, own, log);
  const agent = await Promise.race([startAgent(config, log, { own, folder }), stopped]);
  if (!agent) return;
  try {
    if ((await Promise.race([agent.refused, stopped, agent.replaced])) !== 'replaced') return;
  } finally {
    await agent.stop();
  }
  become(file, '--supervise');
}
