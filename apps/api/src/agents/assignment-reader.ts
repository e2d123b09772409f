/**
 * What changed for hosts, read for many sessions at once: a round of placement wakes hundreds of them in one moment, and their reads
 * share a statement. While one is under way the next one gathers.
 */
import { Injectable } from '@nestjs/common';
import { DispatchRepository, type HostAssignments } from '../persistence/dispatch-repository.ts';

const HOSTS_AT_ONCE = 200;
/** Statements at once: while Postgres works on one, the answer of another is sent. */
const READS_AT_ONCE = 2;

interface Asked {
  hostId: string;
  base: number;
  answer: (found: HostAssignments | null) => void;
  fail: (error: unknown) => void;
}

@Injectable()
export class AssignmentReader {
  private waiting: Asked[] = [];
  private reads = 0;

  constructor(private readonly dispatches: DispatchRepository) {}

  /** The whole set. Null: no such host, or it was removed. */
  full(hostId: string): Promise<HostAssignments | null> {
    return this.dispatches.full(hostId);
  }

  /** What changed after `base`. Null as in `full`. */
  changedSince(hostId: string, base: number): Promise<HostAssignments | null> {
    return new Promise((answer, fail) => {
      // Those who are woken in the same turn of the event loop ask together.
      if (this.waiting.length === 0) setImmediate(() => void this.read());
      this.waiting.push({ hostId, base, answer, fail });
    });
  }

  private async read(): Promise<void> {
    if (this.reads >= READS_AT_ONCE) return;
    this.reads++;
    try {
      while (this.waiting.length > 0) await this.readSome(this.waiting.splice(0, HOSTS_AT_ONCE));
    } finally {
      this.reads--;
    }
  }

  /** Never throws: each one that waits is told. */
  private async readSome(asked: readonly Asked[]): Promise<void> {
    try {
      const found = await this.dispatches.changedSince(asked);
      asked.forEach(({ answer }, index) => {
        answer(found[index] ?? null);
      });
    } catch (error) {
      for (const { fail } of asked) fail(error);
    }
  }
}
