/**
 * What would make a waiting run placeable, and what every host says to it, at this moment. With amounts and names, which change all the
 * time: it is worked out for whoever reads it, and stored nowhere.
 */
import type { HostVerdict } from '@berth/shared/model/placement';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity';
import { verdictOf } from './explain-placement.ts';
import type { Demand, HostLedger, PendingRun, PlacementInput, Surroundings } from './model.ts';
import { settleFloor } from './neighbourhood.ts';
import { groupFor, openPlan } from './pipeline.ts';
import { fits } from './rules.ts';
import type { NoTurn } from './turns.ts';

export interface Explanation {
  message: string;
  /** The best first, then those that come closest. */
  hosts: HostVerdict[];
}

export function explainNow(run: PendingRun, input: Omit<PlacementInput, 'pending' | 'seed'>): Explanation {
  const plan = openPlan({ ...input, pending: [run] });
  const { demand } = groupFor(plan, run);
  const { ledgers } = plan;
  // As the queue of a group does it before a choice.
  settleFloor(
    demand,
    ledgers.filter((ledger) => fits(demand, ledger)),
  );
  const judged = ledgers.map((ledger) => ({ ledger, verdict: verdictOf(demand, ledger) })).sort(byCloseness(demand));
  const noTurn = plan.turns.refuse(run);
  const message = noTurn ? whoHasTheTurns(noTurn, input.surroundings, plan.turns.underWay) : whatWouldDo(demand, judged);
  return { message, hosts: judged.map(({ verdict }) => verdict) };
}

interface Judged {
  ledger: HostLedger;
  verdict: HostVerdict;
}

/** Room can be made; data that lies elsewhere does not come. */
const lacksData = ({ verdict }: Judged): number => (verdict.refusals.some(({ filter }) => filter === 'volumes') ? 1 : 0);

const byCloseness = (demand: Demand) => (a: Judged, b: Judged) =>
  b.verdict.total - a.verdict.total ||
  lacksData(a) - lacksData(b) ||
  a.verdict.refusals.length - b.verdict.refusals.length ||
  roomFor(demand, b.ledger) - roomFor(demand, a.ledger) ||
  (a.ledger.host.id < b.ledger.host.id ? -1 : 1);

/** How much of what is asked for is free, by the scarcer of the two: below 1 it does not suffice. */
function roomFor({ cpuMillis, memoryBytes }: Demand, { freeCpu, freeMemory }: HostLedger): number {
  return Math.min(cpuMillis > 0 ? freeCpu / cpuMillis : Number.MAX_VALUE, memoryBytes > 0 ? freeMemory / memoryBytes : Number.MAX_VALUE);
}

function whatWouldDo(demand: Demand, judged: readonly Judged[]): string {
  const [closest] = judged;
  if (!closest) return 'There is no host yet.';
  const { ledger, verdict } = closest;
  const { name } = ledger.host;
  if (verdict.fits) return `${name} fits: it is placed within moments.`;
  if (lacksData(closest) > 0) return whereItsDataIs(demand);
  if (verdict.refusals.every(({ filter }) => filter === 'resources')) return whatIsLacking(demand, ledger);
  const objections = demand.filters
    .filter((filter) => !filter.fits(demand, ledger))
    .map((filter) => filter.refuse(demand, ledger).singular);
  return `${name} comes closest: it ${objections.join(', and it ')}.`;
}

/** No host has the data of all of its volumes. */
function whereItsDataIs({ volumes }: Demand): string {
  const gone = volumes.filter(({ lies }) => lies?.removed);
  if (gone.length > 0) {
    const names = gone.map(({ name, lies }) => `volume ${name} lies on ${lies?.hostName}, which was removed from the workspace`);
    return `No host has its data: ${names.join(', ')}. Restore a backup into another volume, or delete it to begin with an empty one.`;
  }
  const places = volumes.flatMap(({ name, lies }) => (lies ? `volume ${name} lies on ${lies.hostName}` : []));
  return `No host has the data of all its volumes: ${places.join(', ')}.`;
}

/** "needs 4 GiB of memory; the freest host web-2 has 1.2 GiB free of 8 GiB" */
function whatIsLacking({ cpuMillis, memoryBytes }: Demand, { host, freeCpu, freeMemory }: HostLedger): string {
  const needs: string[] = [];
  const has: string[] = [];
  if (cpuMillis > freeCpu) {
    needs.push(`${formatCpu(cpuMillis)} cores`);
    has.push(`${formatCpu(Math.max(0, freeCpu))} cores free of ${formatCpu(host.cpuMillis)}`);
  }
  if (memoryBytes > freeMemory && memoryBytes > 0) {
    needs.push(`${formatBytes(memoryBytes)} of memory`);
    has.push(`${formatBytes(Math.max(0, freeMemory))} free of ${formatBytes(host.memoryBytes)}`);
  }
  return `It needs ${needs.join(' and ')}; the freest host ${host.name} has ${has.join(' and ')}.`;
}

function whoHasTheTurns({ key, limit }: NoTurn, { holders }: Surroundings, underWay: number): string {
  if (key === null) return `${underWay} runs are under way in this workspace; at most ${limit} may be.`;
  const held = holders.get(key);
  const names = held?.names ?? [];
  const more = (held?.count ?? 0) - names.length;
  const list = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(' and ');
  return `"${key}" is held by ${list}; at most ${limit} may hold it.`;
}
