/** Private engines for hosts under test: any number, side by side; all gone with this process. */
import { type Engine, startEngine as start } from '../../scripts/parts/engine.ts';
import { temporaryFolder, temporaryNetwork } from './temporary.ts';

export type { Engine };

export interface EngineChoice {
  /** Address of a registry that stands in for Docker Hub. */
  mirror?: string;
  /** False: containers end with the engine. */
  liveRestore?: boolean;
}

export async function startEngine(choice: EngineChoice = {}): Promise<Engine> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('Private container engines for tests need root on Linux.');
  return start({ folder: await temporaryFolder('engine'), network: await temporaryNetwork(), sandbox: true, ...choice });
}
