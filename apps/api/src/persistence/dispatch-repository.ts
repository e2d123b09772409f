/** What a host is to be told: which of its attempts changed at which generation. */
import { Injectable } from '@nestjs/common';
import type { Sql } from './database.ts';
import { Database } from './database.ts';

export interface AttemptChange {
  desired?: 'stop' | 'kill';
  /** With the run's deletion: the host removes the container although it has exited. */
  removeContainer?: true;
}

@Injectable()
export class DispatchRepository {
  constructor(private readonly database: Database) {}

  /**
   * Changes what is wanted of attempts, and bumps the generation of each host once, in the caller's transaction.
   * Lock the runs first (`SELECT … FOR UPDATE`, by id): the order everywhere is runs, attempts, hosts.
   * Returns the hosts to wake by `WorkQueues.wakeDispatch` after the commit. Never takes back a kill by a stop.
   */
  async markChanged(_sql: Sql, _attemptIds: readonly string[], _change: AttemptChange): Promise<string[]> {
    return [];
  }
}
