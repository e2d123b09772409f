/**
 * A queue of hosts, best first, for one group of equal runs. Where scores only sink and fits only end while a plan grows, an entry that
 * still has the score it was queued with is the best there is; one that does not is queued again or discarded for good.
 * That makes a placement cost a few comparisons instead of a look at every host. A host that rose has to be offered again.
 */
import type { HostLedger } from './model.ts';

interface Entry {
  ledger: HostLedger;
  score: number;
}

const before = (a: Entry, b: Entry): boolean => a.score > b.score || (a.score === b.score && a.ledger.host.id < b.ledger.host.id);

export class BestFirst {
  private readonly heap: Entry[] = [];
  /** The entry of a host that counts, where it may have been offered while another one is queued. */
  private readonly current: Map<HostLedger, Entry> | null;

  /** `scoreOf` null: the host does not fit (any more). `rises`: hosts may be offered although they are queued. */
  constructor(
    ledgers: readonly HostLedger[],
    private readonly scoreOf: (ledger: HostLedger) => number | null,
    rises: boolean,
  ) {
    this.current = rises ? new Map() : null;
    for (const ledger of ledgers) this.offer(ledger);
  }

  offer(ledger: HostLedger): void {
    this.queue(ledger, this.scoreOf(ledger));
  }

  private queue(ledger: HostLedger, score: number | null): void {
    if (score === null) {
      this.current?.delete(ledger);
      return;
    }
    const entry = { ledger, score };
    this.current?.set(ledger, entry);
    this.push(entry);
  }

  /** The best host, which stays; undefined where none fits. */
  peek(): Readonly<Entry> | undefined {
    for (;;) {
      const top = this.heap[0];
      if (!top) return undefined;
      const isCurrent = this.current === null || this.current.get(top.ledger) === top;
      const score = isCurrent ? this.scoreOf(top.ledger) : null;
      if (score === top.score) return top;
      this.pop();
      if (isCurrent) this.queue(top.ledger, score);
    }
  }

  /** Takes the best host out; undefined where none fits. The caller offers it again when it has reserved on it. */
  take(): HostLedger | undefined {
    const top = this.peek();
    if (!top) return undefined;
    this.pop();
    this.current?.delete(top.ledger);
    return top.ledger;
  }

  private push(entry: Entry): void {
    let at = this.heap.push(entry) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.heap[parentAt];
      if (!parent || !before(entry, parent)) break;
      this.heap[at] = parent;
      at = parentAt;
    }
    this.heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (!top || !last || this.heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = this.heap[childAt];
      if (!child) break;
      const right = this.heap[childAt + 1];
      if (right && before(right, child)) {
        child = right;
        childAt++;
      }
      if (!before(child, last)) break;
      this.heap[at] = child;
      at = childAt;
    }
    this.heap[at] = last;
    return top;
  }
}
