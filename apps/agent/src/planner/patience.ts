/** PURE. How long a launch is tried again where something that may pass is in its way. */
import type { Failure } from '@berth/shared/errors/outcome';
import { formatSeconds } from '@berth/shared/model/duration-text';
import type { Reason } from '@berth/shared/model/reason';

/** An engine that does not answer is waited for with its host, however long that takes. */
const PATIENCE_SECONDS: Partial<Record<Reason, number>> = { 'disk-full': 600, 'no-network': 600 };

export type Patience =
  /** Nothing that has a limit. */
  | null
  /** It is tried again until then, in milliseconds since 1970. */
  | { until: number }
  /** It did not help. */
  | { gaveUp: Extract<Failure, { kind: 'cannot-ever' }> };

/** `since`: when it was first in the way, in milliseconds since 1970. */
export function patienceWith(failure: Failure, since: number, now: number): Patience {
  if (failure.kind !== 'cannot-now') return null;
  const seconds = PATIENCE_SECONDS[failure.reason];
  if (seconds === undefined) return null;
  const until = since + seconds * 1000;
  if (now < until) return { until };
  const message = `${failure.message}; it was tried again for ${formatSeconds(seconds)}`;
  return { gaveUp: { kind: 'cannot-ever', reason: failure.reason, message, cause: failure.cause } };
}
