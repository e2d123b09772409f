/** Which of the form's ports a refusal is about. Pure. */
import type { FormValues } from './form-values.ts';

/** The port that the server means: by its path, else by its number in the sentence. */
export function portAt(errors: { field: string }[], detail: string, values: FormValues): number {
  const named = /^ports\.(\d+)\./.exec(errors[0]?.field ?? '')?.[1];
  if (named !== undefined) return Number(named);
  return Math.max(
    0,
    values.ports.findIndex((row) => row.hostPort !== '' && new RegExp(`\\b${row.hostPort}\\b`).test(detail)),
  );
}
