/** Requests of a client that does not give up: what has no answer, or one of 5xx, is asked again. */
import { until } from '../../scripts/parts/until.ts';
import { ProblemError } from '../support/client.ts';

/** Longer than any fault lasts. */
const PATIENCE_MS = 90_000;

/** The answer, or the problem that the request was refused with for good. Only a request that may be repeated. */
export async function steadily<T>(what: string, ask: () => Promise<T>): Promise<{ answer: T } | { refused: ProblemError }> {
  return until(
    async () => {
      try {
        return { answer: await ask() };
      } catch (error) {
        if (error instanceof ProblemError && error.status < 500 && error.status !== 429) return { refused: error };
        throw error;
      }
    },
    { what, timeoutMs: PATIENCE_MS, everyMs: 50 },
  );
}

/** The same for what cannot be refused. */
export async function surely<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const outcome = await steadily(what, ask);
  if ('refused' in outcome) throw outcome.refused;
  return outcome.answer;
}
