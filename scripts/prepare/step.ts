/** One line a step: what it is, then what came of it and how long it took. */

/** Runs `work` and prints its line. What it resolves to, where it is text, stands in the line. An error ends the line and goes on up. */
export async function step<T>(name: string, work: () => Promise<T>, describe?: (result: T) => string): Promise<T> {
  const started = performance.now();
  process.stdout.write(`  ${name} … `);
  try {
    const result = await work();
    process.stdout.write(`${describe?.(result) ?? 'done'} (${seconds(started)})\n`);
    return result;
  } catch (error) {
    process.stdout.write(`failed (${seconds(started)})\n`);
    throw error;
  }
}

export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
