/** Linux signal numbers (signal(7), x86-64 and arm64). */
import { z } from 'zod';

export const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;
export type SignalName = keyof typeof SIGNALS;

/** The signal behind an exit code over 128, as a shell reads it; null for other codes and unknown numbers. */
export function signalOfExitCode(exitCode: number): SignalName | null {
  const name = Object.entries(SIGNALS).find(([, number]) => number === exitCode - 128)?.[0];
  return (name as SignalName | undefined) ?? null;
}

/** "SIGTERM", "TERM" or "15"; the parsed value is always the full name. */
export const stopSignalSchema = z.string().transform((text, context): SignalName => {
  const upper = text.toUpperCase();
  const byName = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  if (byName in SIGNALS) return byName as SignalName;
  const byNumber = Object.entries(SIGNALS).find(([, number]) => String(number) === text)?.[0];
  if (byNumber) return byNumber as SignalName;
  context.addIssue({ code: 'custom', message: `"${text}" is not a Linux signal; write for example "SIGTERM"` });
  return z.NEVER;
});
