/**
 * The hosts for one group of equal runs, best first. A group that asks for nothing but room has one queue of them, in which scores only
 * sink. One that spreads over a label has a queue for each place, and the places compete. One that packs, or looks for company, has
 * hosts that rise while others are placed: those are offered again.
 */
import { BestFirst } from './best-first.ts';
import { grouped } from './grouped.ts';
import type { Crowd, Demand, HostLedger } from './model.ts';
import { type Neighbourhood, settleFloor } from './neighbourhood.ts';
import { placeOf } from './place.ts';
import { fits, spreadOverPoints, totalScore } from './rules.ts';

export class GroupQueue {
  private readonly parts = new Map<string | undefined, BestFirst>();
  private readonly rises: boolean;
  /** How much of what can make hosts rise has been looked at: reservations of the plan, arrivals of a crowd. */
  private reservationsSeen: number;
  private readonly arrivalsSeen = new Map<Crowd, number>();

  constructor(
    private readonly demand: Demand,
    ledgers: readonly HostLedger[],
    private readonly neighbourhood: Neighbourhood,
    /** The hosts of the plan so far, in its order. */
    private readonly reservations: readonly HostLedger[],
  ) {
    this.rises = demand.strategy === 'bin-pack' || demand.affinity.length > 0;
    this.reservationsSeen = reservations.length;
    for (const { crowd } of demand.affinity) this.arrivalsSeen.set(crowd, crowd.arrivals.length);
    const byPlace = grouped(ledgers, (ledger) => this.partOf(ledger));
    for (const [place, inPlace] of byPlace) this.open(place, inPlace);
  }

  /** Takes the best host out; undefined where none fits. The caller offers it again when it has reserved on it. */
  take(): HostLedger | undefined {
    if (this.rises) this.lookAgain();
    if (this.demand.spreadOver) {
      const tops = [...this.parts.values()].flatMap((part) => part.peek()?.ledger ?? []);
      settleFloor(this.demand, tops);
    }
    return this.takeTop();
  }

  /** The next best after the one that was taken, for the record; they stay in the queue. */
  runnersUp(most: number): HostLedger[] {
    const found: HostLedger[] = [];
    while (found.length < most) {
      const next = this.takeTop();
      if (!next) break;
      found.push(next);
    }
    for (const ledger of found) this.offer(ledger);
    return found;
  }

  offer(ledger: HostLedger): void {
    const place = this.partOf(ledger);
    const part = this.parts.get(place);
    if (part) part.offer(ledger);
    else this.open(place, [ledger]);
  }

  private takeTop(): HostLedger | undefined {
    if (!this.demand.spreadOver) return this.parts.get(undefined)?.take();
    let best: { part: BestFirst; ledger: HostLedger; score: number } | undefined;
    for (const part of this.parts.values()) {
      const top = part.peek();
      if (!top) continue;
      const score = top.score + spreadOverPoints(this.demand, top.ledger);
      const isBetter = !best || score > best.score || (score === best.score && top.ledger.host.id < best.ledger.host.id);
      if (isBetter) best = { part, ledger: top.ledger, score };
    }
    return best?.part.take();
  }

  private partOf({ host }: HostLedger): string | undefined {
    return this.demand.spreadOver ? placeOf(this.demand.spreadOver.crowd.topology, host) : undefined;
  }

  private open(place: string | undefined, ledgers: readonly HostLedger[]): void {
    const scoreOf = (ledger: HostLedger) => (fits(this.demand, ledger) ? totalScore(this.demand, ledger) : null);
    this.parts.set(place, new BestFirst(ledgers, scoreOf, this.rises));
  }

  private lookAgain(): void {
    const risen = new Set<HostLedger>();
    if (this.demand.strategy === 'bin-pack') {
      for (const ledger of this.reservations.slice(this.reservationsSeen)) risen.add(ledger);
      this.reservationsSeen = this.reservations.length;
    }
    for (const [crowd, seen] of this.arrivalsSeen) {
      for (const place of crowd.arrivals.slice(seen)) {
        for (const ledger of this.neighbourhood.hostsAt(crowd.topology, place)) risen.add(ledger);
      }
      this.arrivalsSeen.set(crowd, crowd.arrivals.length);
    }
    for (const ledger of risen) this.offer(ledger);
  }
}
