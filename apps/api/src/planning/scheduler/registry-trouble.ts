/** Which registries a host is rather not asked to pull from for a while, because pulls have failed there. */

import { imageOf } from './image-of.ts';
import type { PullFailure } from './model.ts';

/** Doubles from one failure to the next. */
const PAUSE_SECONDS = { first: 60, most: 1800 } as const;
/** Failures that are older than the longest pause say nothing any more. */
export const FAILURES_COUNT_SECONDS = PAUSE_SECONDS.most;

/** By host; then by registry, or by image where the registry refused that one: until when it waits, as a sentence. */
export function registryTrouble(failures: readonly PullFailure[], now: Date): Map<string, Map<string, string>> {
  const trouble = new Map<string, Map<string, string>>();
  // The newest last, whose sentence stays.
  for (const { hostId, image, reason, times, lastAt } of [...failures].sort(byAge)) {
    const pause = Math.min(PAUSE_SECONDS.first * 2 ** Math.max(0, times - 1), PAUSE_SECONDS.most);
    const until = new Date(lastAt.getTime() + pause * 1000);
    if (until <= now) continue;
    const { registry, name } = imageOf(image);
    const unreachable = reason === 'registry-unreachable';
    const what = unreachable ? `did not reach ${registry}` : `was refused ${name}`;
    const ofHost = trouble.get(hostId) ?? new Map<string, string>();
    trouble.set(hostId, ofHost);
    ofHost.set(unreachable ? registry : name, `${what} at ${clock(lastAt)} UTC; preferred again from ${clock(until)} on`);
  }
  return trouble;
}

const clock = (at: Date): string => at.toISOString().slice(11, 19);

const byAge = (a: PullFailure, b: PullFailure): number =>
  a.lastAt.getTime() - b.lastAt.getTime() || (a.image < b.image ? -1 : a.image > b.image ? 1 : 0);
