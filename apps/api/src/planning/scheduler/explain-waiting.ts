/**
 * Why a run stays queued (law L6). The sentences hold no ages and no amounts of free room: they stay the same, and are not written
 * again, until the cause itself changes.
 */
import type { Waiting } from '@berth/shared/model/waiting';
import type { Demand, HostLedger, PendingRun, PlacementPlan, Refusal } from './model.ts';
import type { NoTurn } from './turns.ts';

type Cause = Pick<Waiting, 'reason' | 'message' | 'next'>;

/** So many hosts are named where several are in the way for one reason. */
const NAMED_HOSTS = 3;

const NO_HOST: Cause = {
  reason: 'no-host',
  message: 'no host yet: add one on the hosts page, or with a join token and "npm run agent"',
  next: 'It starts by itself once a host has joined.',
};

/** A run that was not placed: no host fits, or it has no turn. */
export type Left = { run: PendingRun; demand: Demand; key: string } | { run: PendingRun; noTurn: NoTurn };

export function explainWaiting(left: readonly Left[], ledgers: readonly HostLedger[], now: Date): PlacementPlan['waiting'] {
  const causes = new Map<string, Cause>();
  return left.map((entry) => {
    const { run } = entry;
    const key = 'noTurn' in entry ? `${entry.noTurn.limit} ${entry.noTurn.key ?? ''}` : entry.key;
    let cause = causes.get(key);
    if (!cause) {
      cause = 'noTurn' in entry ? waitingForTurn(entry.noTurn) : causeOf(entry.demand, ledgers);
      causes.set(key, cause);
    }
    const since = run.waiting?.reason === cause.reason ? run.waiting.since : now.toISOString();
    return { runId: run.id, waiting: { ...cause, since, deadline: null } };
  });
}

/** Who has the turns changes all the time; whoever reads the run is told. */
function waitingForTurn({ key, limit }: NoTurn): Cause {
  const runs = limit === 1 ? 'one run' : `${limit} runs`;
  const where = key === null ? 'in this workspace' : `with the concurrency key "${key}"`;
  return {
    reason: 'concurrency-limit',
    message: `waiting for its turn: at most ${runs} at once ${where}`,
    next: 'It starts by itself once one of them has ended.',
  };
}

function causeOf(demand: Demand, ledgers: readonly HostLedger[]): Cause {
  if (ledgers.length === 0) return NO_HOST;
  const fitsOnceReady = ledgers.filter((ledger) =>
    demand.filters.every((filter) => filter.name === 'ready' || filter.fits(demand, ledger)),
  );
  // One that may never be back is waited for only where there is nothing else to be said.
  const awaited = ledgers.some(({ host }) => host.ready) ? fitsOnceReady.filter(({ host }) => !host.lost) : fitsOnceReady;
  if (awaited.length > 0 && awaited.every(({ host }) => !host.ready)) return waitingForHosts(awaited);
  return {
    reason: 'no-host-fits',
    message: `no host fits: ${summary(demand, ledgers)}`,
    next: 'It starts by itself once a host fits.',
  };
}

function waitingForHosts(ledgers: readonly HostLedger[]): Cause {
  const told = ledgers.slice(0, NAMED_HOSTS).map(lastSeen);
  const more = ledgers.length - told.length;
  const list = more > 0 ? [...told, `${more} more`] : told;
  return {
    reason: 'waiting-for-host',
    message: `waiting for host ${list.join(', or for ')}`,
    next: ledgers.length === 1 ? 'It starts by itself once the host is ready.' : 'It starts by itself once one of the hosts is ready.',
  };
}

/** "web-1, last seen 2026-11-23 06:31:12 UTC: the agent is not connected"; a connected host is seen all the time, so no time there. */
function lastSeen({ host }: HostLedger): string {
  if (host.connected || !host.lastSeenAt) return `${host.name}: ${host.stateMessage}`;
  const at = host.lastSeenAt.toISOString();
  return `${host.name}, last seen ${at.slice(0, 10)} ${at.slice(11, 19)} UTC: ${host.stateMessage}`;
}

/** "2 of 3 hosts lack 2 GiB of free memory, web-3 is not ready": hosts with one cause together, by the first filter that refuses. */
function summary(demand: Demand, ledgers: readonly HostLedger[]): string {
  const causes = new Map<string, { first: HostLedger; refusal: Refusal; count: number }>();
  for (const ledger of ledgers) {
    const refusing = demand.filters.find((filter) => !filter.fits(demand, ledger));
    if (!refusing) continue;
    const refusal = refusing.refuse(demand, ledger);
    const known = causes.get(refusal.plural);
    if (known) known.count++;
    else causes.set(refusal.plural, { first: ledger, refusal, count: 1 });
  }
  return [...causes.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ first, refusal, count }) =>
      count === 1 ? `${first.host.name} ${refusal.singular}` : `${count} of ${ledgers.length} hosts ${refusal.plural}`,
    )
    .join(', ');
}
