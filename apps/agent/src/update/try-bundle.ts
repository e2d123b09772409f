/**
 * Tries a new version of the agent. The agent before has made way: this process, a fresh one of the same id, only starts the new version as
 * its child and waits. One that reaches the api is taken; one that ends, or is not there in time, is put away, and the agent before goes on.
 * Dies this process, the child ends by itself, and the agent before is what is started again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Config } from '../config/env.ts';
import type { AgentLog } from '../log.ts';
import { become, sameArguments } from './become.ts';
import type { UpdateFolder } from './update-folder.ts';

const END_MS = 10_000;
/** Of what it wrote last to its standard error. */
const LAST_WORDS = 2000;

/** Returns where it was told to stop; otherwise this process goes on as the one or the other. `own`: of the agent before. */
export async function tryBundle(config: Config, folder: UpdateFolder, own: string, stopped: Promise<void>, log: AgentLog): Promise<void> {
  const { trial } = folder.state;
  if (trial === null) become(own);
  const { file, version, update } = trial;
  log.info('trying a new version of the agent', { version });
  const child = spawn(process.execPath, sameArguments(file, '--trial'), { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  const lastWords = hear(child);
  const shown = new Promise<string | null>((resolve) => {
    child.once('message', () => resolve(null));
    child.once('close', (code, signal) => resolve(`it ended (${signal ?? code})${lastWords()}`));
    child.once('error', (error) => resolve(`it cannot be started: ${error.message}`));
  });
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  await folder.write({ trial: { ...trial, pid: child.pid ?? null } });
  const failure = await Promise.race([
    shown,
    within(config.trialSeconds * 1000).then(() => `it did not reach the api within ${config.trialSeconds} s${lastWords()}`),
    stopped.then(() => 'the agent was stopped while it was tried'),
  ]);
  await end(child);
  if (failure === null) {
    const { pid, ...arrived } = trial;
    const before = folder.state.chosen;
    await folder.write({
      chosen: { ...arrived, starts: 0 },
      trial: null,
      outcome: { id: update, state: 'done', message: `runs version ${version}` },
    });
    if (before && before.file !== file) await folder.drop(before.file);
    if (!isStopped) become(file);
    return;
  }
  log.warn('the new version was put away', { version, why: failure });
  await folder.write({ trial: null, outcome: { id: update, state: 'failed', message: `${failure}; the version before goes on` } });
  if (folder.state.chosen?.file !== file) await folder.drop(file);
  if (!isStopped) become(own);
}

/** Passes its standard error on. */
function hear(child: ChildProcess): () => string {
  let heard = '';
  child.stderr?.on('data', (data: Buffer) => {
    process.stderr.write(data);
    heard = (heard + data.toString()).slice(-LAST_WORDS);
  });
  return () => {
    const lines = heard.trim().split('\n');
    // Of an uncaught error Node writes where it was, what it was, and last of all its own version.
    const line = lines.findLast((one) => /^\w*Error: /.test(one)) ?? lines.at(-1) ?? '';
    return line === '' ? '' : `: ${line}`;
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await gone;
  clearTimeout(late);
}

const within = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
