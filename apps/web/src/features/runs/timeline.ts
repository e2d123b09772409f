/** The parts of a run's life, from the times at which it entered each phase. Pure. */
import { isTerminal, PHASES, type Phase } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';

export interface Part {
  phase: Phase;
  /** Milliseconds since 1970. */
  from: number;
  /** Null: it is in this part now. */
  to: number | null;
}

/** In order; "assigned" counts as the end of the queue. Clocks of two machines may disagree a little: no part is negative. */
export function partsOf(run: Run): Part[] {
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
