import type { Refusal } from '../model.ts';

/** `detail` goes into the sentence about this host alone; the summary of several hosts stays free of it. */
export function refusal(hostName: string, singular: string, plural: string, detail?: string): Refusal {
  return { message: `${hostName} ${singular}${detail ? `: ${detail}` : ''}`, singular, plural };
}
