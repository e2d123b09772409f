/**
 * For how long an agent is to gather before it reports what is not an end. A report costs the api about as much with one thing in it as with several; where few
 * come, nothing is gained by waiting, and a status is seen at once. Pure.
 */

/** Reports of the last one to two seconds: below the first nobody waits, from the second on everybody does for as long as is asked for at most. */
const REPORTS = { few: 200, many: 1000 };
export const MOST_GATHER_MS = 100;

/** Milliseconds, 0 to MOST_GATHER_MS; grows with the reports of all agents, so that it settles where they become fewer by it. */
export function gatherMs(recentReports: number): number {
  const share = (recentReports - REPORTS.few) / (REPORTS.many - REPORTS.few);
  return Math.round(MOST_GATHER_MS * Math.min(1, Math.max(0, share)));
}
