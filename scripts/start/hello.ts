/** The main job itself, once, at the first start: hello-world through REST, queue, agent, engine and registry, told as the handbook tells it. */
import { isTerminal } from '@berth/shared/model/phase';
import { pullLines } from '@berth/shared/model/pull';
import { seconds } from '../prepare/step.ts';
import type { Credentials } from './home.ts';
import { restClient } from './rest.ts';

/** Returns whether the container exited with 0. */
export async function sayHello(url: string, credentials: Credentials): Promise<boolean> {
  const rest = restClient(url, credentials);
  const started = performance.now();
  console.log('\n$ run hello-world');
  const created = await rest.createRun('hello-world');
  const run = await rest.waitForEnd(created.metadata.id, 120);
  for (const attempt of run.status.attempts) if (attempt.pull) console.log(pullLines(attempt.pull).join('\n'));
  process.stdout.write(await rest.logs(run.metadata.id));
  const { phase, exitCode, message } = run.status;
  if (phase === 'exited') console.log(`Exited (${exitCode}) after ${seconds(started)} on ${run.status.hostName}.`);
  else console.log(`${isTerminal(phase) ? phase : `Still ${phase}`}: ${message}`);
  console.log(`${credentials.url}/${credentials.workspace}/runs/${run.metadata.id}`);
  return phase === 'exited' && exitCode === 0;
}
