/** The file that this process runs from, and at its start the choice of another one. */
import { readFile } from 'node:fs/promises';
import type { AgentLog } from '../log.ts';
import { type BundleFile, chooseBundle } from '../planner/choose-bundle.ts';
import { become, canBecome } from './become.ts';
import { sumOf, sumOfFile, type UpdateFolder } from './update-folder.ts';

export async function ownBundle(file: string): Promise<BundleFile> {
  return { file, sha256: sumOf(await readFile(file)) };
}

/** Returns where this one is to run; otherwise this process goes on as the other. */
export async function startChosen(folder: UpdateFolder, own: BundleFile, log: AgentLog): Promise<void> {
  const { chosen, trial } = folder.state;
  if ((chosen === null && trial === null) || !canBecome()) return;
  if (trial?.pid) await endLeftover(trial.pid, trial.file);
  const whole = chosen !== null && (await sumOfFile(chosen.file)) === chosen.sha256;
  const { run, state } = chooseBundle(folder.state, own, whole);
  // A disk that is full keeps nobody from starting.
  await folder.write(state).catch((error: unknown) => log.warn('what became of updates cannot be kept', { why: String(error) }));
  if (run === 'chosen' && state.chosen) become(state.chosen.file);
  if (state.outcome !== null && state.outcome.state === 'failed') log.warn('the last update failed', { why: state.outcome.message });
}

/** A process that was tried by one that died meanwhile: it ends by itself, unless it is too broken to. */
async function endLeftover(pid: number, file: string): Promise<void> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (line.split('\0').includes(file)) process.kill(pid, 'SIGKILL');
}
