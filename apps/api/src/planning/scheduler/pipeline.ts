/**
 * The scheduler: pending runs and hosts in, placements and causes of waiting out. Pure (law L2), for all pending runs at once, with
 * reservations that accumulate; the higher priority comes first, then the older run, and one that does not fit does not hold up the next.
 * Nothing that is placed makes room for another run, whatever its priority.
 */
import { encodeId } from '@berth/shared/model/ids';
import type { Strategy } from '@berth/shared/model/placement-rules';
import { demandKey, demandOf } from './demand.ts';
import { explainPlacement, RUNNERS_UP } from './explain-placement.ts';
import { explainWaiting, type Left } from './explain-waiting.ts';
import { GroupQueue } from './group-queue.ts';
import { openLedger, reserve } from './ledger.ts';
import type { Demand, HostLedger, PendingRun, PlacementInput, PlacementPlan, PlannedAttempt } from './model.ts';
import { join, Neighbourhood } from './neighbourhood.ts';
import { registryTrouble } from './registry-trouble.ts';
import { Turns } from './turns.ts';
import { bindVolumes, VolumeBook } from './volume-book.ts';

interface Group {
  key: string;
  demand: Demand;
  queue: GroupQueue;
}

/** A plan that grows: what was read, with what it has reserved on top. */
interface Plan {
  readonly ledgers: readonly HostLedger[];
  readonly neighbourhood: Neighbourhood;
  readonly volumes: VolumeBook;
  readonly turns: Turns;
  readonly strategy: Strategy;
  readonly groups: Map<string, Group>;
  /** The hosts of its placements, in their order. */
  readonly reservations: HostLedger[];
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
/** Ids sort by age. */
const byTurn = (a: PendingRun, b: PendingRun): number => b.priority - a.priority || byId(a, b);

export function openPlan({ pending, hosts, surroundings, now }: Omit<PlacementInput, 'seed'>): Plan {
  const trouble = registryTrouble(surroundings.failures, now);
  const ledgers = [...hosts].sort(byId).map((host) => openLedger(host, trouble.get(host.id)));
  return {
    ledgers,
    neighbourhood: new Neighbourhood(pending, ledgers, surroundings),
    volumes: new VolumeBook(pending),
    turns: new Turns(surroundings, hosts),
    strategy: surroundings.strategy,
    groups: new Map(),
    reservations: [],
  };
}

/** Equal runs are planned as one group. */
export function groupFor(plan: Plan, run: PendingRun): Group {
  const { neighbourhood, ledgers, groups, reservations } = plan;
  const key = demandKey(run, neighbourhood);
  let group = groups.get(key);
  if (!group) {
    const demand = demandOf(run, plan);
    group = { key, demand, queue: new GroupQueue(demand, ledgers, neighbourhood, reservations) };
    groups.set(key, group);
  }
  return group;
}

/** The order of the input does not matter. */
export function planPlacements(input: PlacementInput): PlacementPlan {
  const { now, seed } = input;
  const plan = openPlan(input);
  const { ledgers, turns, reservations } = plan;
  const placements: PlannedAttempt[] = [];

  /** Why it is left, or null where it is placed. */
  const place = (run: PendingRun): Left | null => {
    const noTurn = turns.refuse(run);
    if (noTurn) return { run, noTurn };
    const { key, demand, queue } = groupFor(plan, run);
    const chosen = queue.take();
    if (!chosen) return { run, demand, key };
    const placement = explainPlacement(demand, chosen, queue.runnersUp(RUNNERS_UP), ledgers);
    const random = nthRandom(seed, placements.length);
    const ports = reserve(chosen, demand, run, random);
    join(demand, chosen);
    const binds = bindVolumes(demand, chosen.host);
    turns.take(run);
    reservations.push(chosen);
    queue.offer(chosen);
    const attemptId = encodeId('attempt', now.getTime(), random);
    placements.push({ runId: run.id, attemptId, hostId: chosen.host.id, ports, placement, binds });
    return null;
  };

  let left = [...input.pending].sort(byTurn).flatMap((run) => place(run) ?? []);
  // A run that must be near others may have come before them. Each turn of the loop places at least one.
  for (let before = -1; before !== placements.length && left.some(waitsForCompany); ) {
    before = placements.length;
    left = left.flatMap((entry) => (waitsForCompany(entry) ? (place(entry.run) ?? []) : entry));
  }
  // The turns may have gone to others since it was asked for a host.
  const stillLeft = left.map((entry): Left => {
    const noTurn = turns.refuse(entry.run);
    return noTurn ? { run: entry.run, noTurn } : entry;
  });
  return { placements, waiting: explainWaiting(stillLeft, ledgers, now) };
}

const waitsForCompany = (left: Left): boolean => 'demand' in left && left.demand.affinity.some(({ required }) => required);

/** The seed plus n: distinct for every attempt of a plan, and in the plan's order. */
function nthRandom(seed: Uint8Array, n: number): Uint8Array {
  const random = Uint8Array.from(seed.subarray(0, 10));
  let carry = n;
  for (let at = 9; at >= 0 && carry > 0; at--) {
    carry += random[at] ?? 0;
    random[at] = carry & 0xff;
    carry >>= 8;
  }
  return random;
}
