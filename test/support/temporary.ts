/** Folders and bridges of this test process; what dead test processes left behind is removed on the way. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../scripts/parts/command.ts';
import { type EngineNetwork, engineNetwork, removeEngineNetwork } from '../../scripts/parts/engine-network.ts';

const PREFIX = 'berth-test-';
const BRIDGE = 'btt';
let bridges = 0;
/** Undone in reverse order when this process ends by itself; a killed one is swept up by the next. */
const leftovers: (() => void)[] = [];
process.once('exit', () => {
  for (const undo of leftovers.reverse()) undo();
});
let swept: Promise<void> | undefined;

/** A new folder that user postgres can reach too. */
export async function temporaryFolder(name: string): Promise<string> {
  swept ??= sweep();
  await swept;
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-${name}-`));
  chmodSync(folder, 0o755);
  leftovers.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export async function temporaryNetwork(): Promise<EngineNetwork> {
  swept ??= sweep();
  await swept;
  const bridge = `${BRIDGE}${process.pid.toString(36)}n${bridges++}`;
  leftovers.push(() => removeEngineNetwork(bridge));
  return engineNetwork(bridge);
}

async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  // Also those that nothing is connected to, which Node does not list.
  const { stdout } = await run('ip', ['-o', 'link', 'show', 'type', 'bridge']);
  for (const [, name = ''] of stdout.matchAll(/^\d+: ([^:@]+)/gm)) {
    const pid = new RegExp(`^${BRIDGE}([0-9a-z]+)n\\d+$`).exec(name)?.[1];
    if (pid && !isAlive(Number.parseInt(pid, 36))) removeEngineNetwork(name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
