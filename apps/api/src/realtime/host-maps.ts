/**
 * The hosts of a workspace as they change, for all who watch them: read once for everybody on this replica, at a pace that leaves Postgres
 * alone most of the time, and told as the difference to what each viewer has. A viewer holds references to cells, not copies; one that is slow
 * gets the sum of what it missed. What is held here is a reading of Postgres and no state: the next one replaces it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { HostCell, HostFilter } from '@berth/shared/model/host-map';
import { fitsHostFilter } from '@berth/shared/model/host-totals';
import { Injectable, Logger } from '@nestjs/common';
import { HostMapRepository } from '../persistence/host-map-repository.ts';
import { Sleeper } from './sleeper.ts';
import { Wakeups } from './wakeups.ts';

/** People see a second; a fleet under load changes all of its hosts in one. */
const PACE_MS = 1000;
/** A reading may take this part of the time: that of a very large fleet comes less often instead of all the time. */
const BUSY_SHARE = 0.1;
/** Samples of what is used come without an event. */
const SLOW_TICK_MS = 5000;

export interface HostMapChange {
  /** All there are: what the viewer has is to be forgotten. */
  whole: boolean;
  cells: HostCell[];
  /** Removed, or no longer of the filter. */
  gone: string[];
}

type Cells = ReadonlyMap<string, HostCell>;

@Injectable()
export class HostMaps {
  private readonly readings = new Map<string, Reading>();

  constructor(
    private readonly hosts: HostMapRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** First all of the filter, then what changes of it, until `signal` is aborted. */
  async *follow(workspaceId: string, filter: HostFilter, signal: AbortSignal): AsyncGenerator<HostMapChange> {
    const reading = this.enter(workspaceId);
    // What was read before somebody came may be older than what they know.
    const since = reading.begun;
    reading.hurry();
    const aborted = () => reading.wake();
    signal.addEventListener('abort', aborted);
    try {
      let seen: Cells | null = null;
      let shown: Cells | null = null;
      while (!signal.aborted) {
        if (reading.cells === null || reading.cells === seen || reading.read <= since) {
          await reading.next();
          continue;
        }
        seen = reading.cells;
        const now: Cells = new Map([...seen].filter(([, cell]) => fitsHostFilter(cell, filter)));
        const change = changeBetween(shown, now);
        shown = now;
        if (change.whole || change.cells.length > 0 || change.gone.length > 0) yield change;
      }
    } finally {
      signal.removeEventListener('abort', aborted);
      this.leave(workspaceId, reading);
    }
  }

  private enter(workspaceId: string): Reading {
    const reading = this.readings.get(workspaceId) ?? new Reading(workspaceId, this.hosts, this.wakeups);
    this.readings.set(workspaceId, reading);
    reading.viewers++;
    return reading;
  }

  private leave(workspaceId: string, reading: Reading): void {
    reading.viewers--;
    if (reading.viewers > 0) return;
    reading.end();
    this.readings.delete(workspaceId);
  }
}

function changeBetween(before: Cells | null, now: Cells): HostMapChange {
  if (before === null) return { whole: true, cells: [...now.values()], gone: [] };
  return {
    whole: false,
    cells: [...now.values()].filter((cell) => before.get(cell.id) !== cell),
    gone: [...before.keys()].filter((id) => !now.has(id)),
  };
}

class Reading {
  viewers = 0;
  /** Readings that were begun, and the last one that has ended. */
  begun = 0;
  read = 0;
  /** The same object for a host as before where nothing of it has changed. Null: not read yet. */
  cells: Cells | null = null;
  private readonly log = new Logger('HostMaps');
  private readonly ending = new AbortController();
  private readonly changes: Sleeper;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly workspaceId: string,
    private readonly hosts: HostMapRepository,
    private readonly wakeups: Wakeups,
  ) {
    this.changes = new Sleeper(wakeups, [`events:${workspaceId}`], this.ending.signal);
    // A viewer is there before the first reading begins.
    queueMicrotask(() => void this.run(this.ending.signal));
  }

  /** The next reading as soon as its pace allows it. */
  hurry(): void {
    this.changes.call();
  }

  /** Resolves at the next reading, or when somebody is to look whether it should go on. */
  next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const go of waiting) go();
  }

  end(): void {
    this.ending.abort();
  }

  private async run(signal: AbortSignal): Promise<void> {
    const pause = new Sleeper(this.wakeups, [], signal);
    try {
      while (!signal.aborted) {
        const begin = performance.now();
        await this.readCells();
        await pause.sleep(Math.max(PACE_MS, (performance.now() - begin) / BUSY_SHARE));
        if (!signal.aborted) await this.changes.sleep(SLOW_TICK_MS);
      }
    } finally {
      this.changes.close();
      pause.close();
    }
  }

  private async readCells(): Promise<void> {
    const reading = ++this.begun;
    try {
      const before = this.cells;
      const read = await this.hosts.cells(this.workspaceId);
      this.cells = new Map(
        read.map((cell) => {
          const known = before?.get(cell.id);
          return [cell.id, known && isDeepStrictEqual(known, cell) ? known : cell];
        }),
      );
      this.read = reading;
      this.wake();
    } catch (error) {
      // What is shown stays until the database is back; the stream of events beside it says that it is away.
      this.log.warn(error);
    }
  }
}
