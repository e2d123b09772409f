/** Which runs of lost hosts have no room on another one, by the code that places them. Pure (law L2). */
import type { PlacementInput } from '../scheduler/model.ts';
import { planPlacements } from '../scheduler/pipeline.ts';
import type { GivenUp, LackingRoom } from './model.ts';

/** `input`: the runs count as pending, and their hosts are not among the hosts. */
export function lackingRoomElsewhere(needing: readonly GivenUp[], input: PlacementInput): LackingRoom[] {
  const plan = planPlacements(input);
  const causes = new Map(plan.waiting.map(({ runId, waiting }) => [runId, waiting]));
  return needing.flatMap(({ runId, message }) => {
    const cause = causes.get(runId);
    if (!cause) return [];
    const why = cause.reason === 'no-host' ? 'there is no other host' : cause.message;
    return {
      runId,
      message: `${message}; it has no place elsewhere: ${why}`,
      next: 'It is placed on another host as soon as one has room for it, or goes on here if its host is back before.',
    };
  });
}
