/** A sandbox with a network of its own, joined to this machine by a veth pair. */
import { run } from '../../scripts/parts/command.ts';
import { freeNet } from '../../scripts/parts/engine-network.ts';
import { type Sandbox, startSandbox } from '../../scripts/parts/sandbox.ts';

const LINK_NAME_BYTES = 15;
let links = 0;

export interface JoinedSandbox {
  /** The kernel ends it with this process: then its interfaces, filters and mounts are gone too. */
  readonly sandbox: Sandbox;
  /** This machine, as it is reached from there. */
  readonly here: string;
  /** Its own address. */
  readonly there: string;
}

export async function startJoinedSandbox(logFile: string): Promise<JoinedSandbox> {
  const sandbox = await startSandbox(logFile, { network: true });
  const net = await freeNet();
  const [here, there] = [`${net}1`, `${net}2`];
  const outer = `btv${process.pid.toString(36)}n${links++}`.slice(0, LINK_NAME_BYTES);
  await run('ip', ['link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(sandbox.pid)]);
  await run('ip', ['address', 'add', `${here}/24`, 'dev', outer]);
  await run('ip', ['link', 'set', outer, 'up']);
  const ip = (...args: string[]) => sandbox.run('ip', args);
  await ip('link', 'set', 'lo', 'up');
  await ip('address', 'add', `${there}/24`, 'dev', 'eth0');
  await ip('link', 'set', 'eth0', 'up');
  await ip('route', 'add', 'default', 'via', here);
  return { sandbox, here, there };
}
