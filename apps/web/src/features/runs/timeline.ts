/** The parts of a run's life, from the times at which it entered each phase. Pure. A container that was started again has lives behind it: one part. */
import { isTerminal, PHASES, type Phase } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';

export interface Part {
  phase: Phase;
  /** Milliseconds since 1970. */
  from: number;
  /** Null: it is in this part now. */
  to: number | null;
  /** So many lives of its container are in this part, with the pauses between them; absent: it is no such part. */
  lives?: number;
}

export function partsOf(run: Run): Part[] {
  const restartingAt = run.status.phaseTimes.restarting;
  return run.status.restarts === 0 || restartingAt === undefined ? partsOfLife(run) : partsOfLives(run, Date.parse(restartingAt));
}

/** The times of a phase are those of the last life that was in it: what came before this one is told as a whole. */
function partsOfLives(run: Run, restartingAt: number): Part[] {
  const { restarts, phaseTimes } = run.status;
  const before = partsOfLife({
    ...run,
    status: { ...run.status, startedAt: null, phaseTimes: only(phaseTimes, (phase) => !OF_A_LIFE.has(phase)) },
  });
  const parts = before.filter(({ phase }) => !isTerminal(phase));
  const exits = run.status.attempts.at(-1)?.exits ?? [];
  // All of them are there: the oldest one began with the first start.
  const first = exits.length === restarts ? exits.at(-1)?.startedAt : null;
  const last = parts.at(-1);
  const begun = Math.min(restartingAt, first ? Date.parse(first) : (last?.from ?? restartingAt));
  if (last) last.to = Math.max(last.from, begun);
  if (!first && last) parts.pop();
  parts.push({ phase: 'running', from: begun, to: restartingAt, lives: restarts });
  const present = only(phaseTimes, (phase, at) => (OF_A_LIFE.has(phase) || isTerminal(phase)) && at >= restartingAt);
  const startedAt = run.status.phase === 'restarting' ? null : run.status.startedAt;
  const createdAt = new Date(restartingAt).toISOString();
  const now = partsOfLife({ ...run, metadata: { ...run.metadata, createdAt }, status: { ...run.status, startedAt, phaseTimes: present } });
  return [...parts, ...now.filter(({ phase }) => phase !== 'queued')];
}

const OF_A_LIFE: ReadonlySet<Phase> = new Set(['restarting', 'starting', 'running', 'stopping']);

function only(times: Run['status']['phaseTimes'], keeps: (phase: Phase, at: number) => boolean): Run['status']['phaseTimes'] {
  return Object.fromEntries(
    PHASES.flatMap((phase) => (times[phase] && keeps(phase, Date.parse(times[phase])) ? [[phase, times[phase]]] : [])),
  );
}

/** In order; "assigned" counts as the end of the queue. Clocks of two machines may disagree a little: no part is negative. */
function partsOfLife(run: Run): Part[] {
  const entered = PHASES.flatMap((phase) => {
    // The engine's own time where it is known: the agent sees the start a little later.
    const at = (phase === 'running' ? run.status.startedAt : null) ?? run.status.phaseTimes[phase];
    return at === undefined ? [] : [{ phase, at: Date.parse(at) }];
  });
  if (entered[0]?.phase !== 'queued') entered.unshift({ phase: 'queued', at: Date.parse(run.metadata.createdAt) });
  const parts: Part[] = [];
  for (const { phase, at } of entered) {
    const before = parts.at(-1);
    if (phase === 'assigned' && before?.phase === 'queued') continue;
    const engineEnd = isTerminal(phase) ? run.status.finishedAt : null;
    if (before) before.to = Math.max(before.from, engineEnd === null ? at : Date.parse(engineEnd));
    if (!isTerminal(phase)) parts.push({ phase, from: Math.max(before?.to ?? at, at), to: null });
  }
  const last = parts.at(-1);
  if (last?.to === null && isTerminal(run.status.phase))
    last.to = Math.max(last.from, Date.parse(run.status.finishedAt ?? '') || last.from);
  return parts;
}

/** How much room a part gets: the root of its time, so that a long one does not squeeze the others out of sight. */
export function weightOf(part: Part, now: number): number {
  return Math.sqrt(Math.max(1, (part.to ?? now) - part.from));
}
