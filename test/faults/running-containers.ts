import type { ContainerNow, EngineWitness } from './fleet-host.ts';

/** Those of the list that run by what the engine says of each alone, which is right where its list is not. Null: it does not answer now. */
export async function runningContainers(witness: EngineWitness): Promise<ContainerNow[] | null> {
  const said = (await witness.containers())?.filter(({ isRunning }) => isRunning);
  if (!said) return null;
  const areRunning = await Promise.all(said.map((container) => witness.isRunning(container)));
  return said.filter((_, index) => areRunning[index]);
}
