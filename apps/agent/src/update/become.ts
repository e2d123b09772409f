/**
 * This process goes on as another program, by execve(2): the same process id, so that whoever keeps the agent running notices nothing; and
 * nothing of what was under way is left, as after kill -9.
 */
const OWN_FLAGS = ['--trial', '--supervise'];

/** Absent in Node before 22.15. */
export const canBecome = (): boolean => process.execve !== undefined;

/** What the agent was started with, for another process of it. */
export const sameArguments = (file: string, ...more: string[]): string[] => [
  ...process.execArgv,
  file,
  ...process.argv.slice(2).filter((argument) => !OWN_FLAGS.includes(argument)),
  ...more,
];

/** Throws where that cannot be; then whoever keeps the agent running starts it again. */
export function become(file: string, ...more: string[]): never {
  if (!process.execve) throw new Error('this Node cannot go on as another program');
  return process.execve(process.execPath, [process.execPath, ...sameArguments(file, ...more)]);
}
