/** The pull of a run as a response: the lines that `docker run` prints, or the layers with their bytes. */
import { BerthError } from '@berth/shared/errors/problem';
import { pullLines, type RunPull } from '@berth/shared/model/pull';
import type { Run } from '@berth/shared/model/run';

/** `number`: an attempt of the run; the newest one where absent. */
export function pullOf(run: Run, number?: number): RunPull {
  const { attempts } = run.status;
  const attempt = number === undefined ? attempts.at(-1) : attempts.find((one) => one.number === number);
  if (!attempt && number !== undefined) {
    throw new BerthError('not-found', `The run ${run.metadata.id} has no attempt ${number}; it has ${attempts.length}.`);
  }
  const pull = attempt?.pull ?? null;
  return { attempt: attempt?.number ?? null, pull, lines: pull ? pullLines(pull) : [] };
}

/** JSON unless plain text is asked for: a bare `curl` sends "any". */
export const wantsText = (accept: string | undefined): boolean => /\btext\/plain\b/.test(accept ?? '');
