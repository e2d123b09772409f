/** Asks for the planned runs, a bounded number at a time, does to them what their work wants, and sees each to its end. */
import { randomUUID } from 'node:crypto';
import type { BerthClient, Run } from '../support/client.ts';
import type { PlannedRun } from './plan.ts';
import { steadily, surely } from './steadily.ts';
import { specOf, type Work } from './work.ts';

export interface AcceptedRun {
  readonly number: number;
  readonly id: string;
  readonly work: Work;
  readonly onHostLost: PlannedRun['onHostLost'];
  /** By our own clock. */
  readonly askedAt: number;
  overAt?: number;
  /** As it was last seen; at its end where it came to one in time. */
  last: Run;
}

const TERMINAL = ['exited', 'failed', 'cancelled', 'lost'];
export const isOver = ({ status }: Run) => TERMINAL.includes(status.phase);

/** Runs on the way at once: enough for every host to have some, and few enough for two cores. */
const AT_ONCE = 14;
/** After the last fault, however many came one after the other. */
const END_MS = 240_000;
const WAIT_SECONDS = 5;
/** How far one that writes until it is told to end has come by then. */
const TOLD_AFTER_BYTES = 100;

export interface LoadOptions {
  client: BerthClient;
  runs: readonly PlannedRun[];
  /** Told before each is asked for: so many were. */
  asked(count: number): void;
  /** True: no more of them. */
  isTimeUp(): boolean;
}

export interface LoadOutcome {
  accepted: AcceptedRun[];
  /** A host port that somebody holds: not accepted, and that is right. */
  refused: number;
  complaints: string[];
}

export async function carryLoad({ client, runs, asked, isTimeUp }: LoadOptions): Promise<LoadOutcome> {
  const outcome: LoadOutcome = { accepted: [], refused: 0, complaints: [] };
  const underWay = new Set<Promise<void>>();
  for (const [count, planned] of runs.entries()) {
    if (isTimeUp()) break;
    while (underWay.size >= AT_ONCE) await Promise.race(underWay);
    asked(count);
    const work = carryOne(client, planned, outcome).catch((error: unknown) => {
      outcome.complaints.push(`run ${planned.number}: ${error instanceof Error ? error.message : String(error)}`);
    });
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }
  await Promise.all(underWay);
  return outcome;
}

async function carryOne(client: BerthClient, { number, work, onHostLost }: PlannedRun, outcome: LoadOutcome): Promise<void> {
  const idempotencyKey = randomUUID();
  const askedAt = Date.now();
  const created = await steadily(`run ${number} to be accepted`, () =>
    client.createRun(specOf(work, onHostLost), { idempotencyKey, name: `fault-${number}` }),
  );
  if ('refused' in created) {
    if (work.work !== 'port' || created.refused.problem.code !== 'host-port-taken') throw created.refused;
    outcome.refused++;
    return;
  }
  const run: AcceptedRun = { number, id: created.answer.metadata.id, work, onHostLost, askedAt, last: created.answer };
  outcome.accepted.push(run);
  if (work.work === 'called-off') await steadily(`run ${number} to be called off`, () => client.stopRun(run.id));
  if (work.work === 'until-told') {
    await seen(client, run, `run ${number} to be at work`, ({ status }) => status.logBytes >= TOLD_AFTER_BYTES);
    await steadily(`run ${number} to be told to end`, () => (work.how === 'stop' ? client.stopRun(run.id) : client.killRun(run.id)));
  }
  await seen(client, run, `run ${number} to end`, () => false);
  run.overAt = Date.now();
}

/** Until it is so, or the run is over. */
async function seen(client: BerthClient, run: AcceptedRun, what: string, isSo: (run: Run) => boolean): Promise<void> {
  const deadline = Date.now() + END_MS;
  for (;;) {
    run.last = await surely(what, () => client.waitRun(run.id, 'exited', run.work.work === 'until-told' ? 1 : WAIT_SECONDS));
    if (isOver(run.last) || isSo(run.last)) return;
    if (Date.now() > deadline) throw new Error(`${what} was waited for in vain; last state: ${JSON.stringify(run.last.status)}`);
  }
}
