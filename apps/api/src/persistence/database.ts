/**
 * The door to Postgres. Only files of this folder use it.
 * `prisma` is for the ordinary; `sql` and `transaction` are for the hot paths, which write in batches with one statement over arrays.
 * Both have their own pool; a use case that needs one transaction uses one of them, not both.
 */
import { Socket } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.js';

/** What a statement can be run on: the pool, or one connection in a transaction. */
export type Sql = Pick<pg.ClientBase, 'query'>;

/** Hands over a statement that the commit goes right behind, without waiting for its answer. Its failure fails the transaction. */
export type Defer = (statement: Promise<unknown>) => void;

// int8 (OID 20) as a number: byte counts and cursors here stay under 2^53.
const types = new pg.TypeOverrides();
types.setTypeParser(20, Number);

// Prepared, as the statements between them are: only those are gathered.
const BEGIN = { name: 'begin', text: 'BEGIN' };
const COMMIT = { name: 'commit', text: 'COMMIT' };

/**
 * Statements of one turn of the event loop leave in one system call: the client of Postgres uncorks after each of them, and a call costs
 * more than all that it does for a statement.
 */
class GatheringSocket extends Socket {
  override uncork(): void {
    process.nextTick(() => super.uncork());
  }
}

export interface DatabaseOptions {
  url: string;
  /** Connections of each pool. */
  poolSize: number;
}

@Injectable()
export class Database implements OnApplicationShutdown {
  readonly prisma: PrismaClient;
  private readonly pool: pg.Pool;

  constructor(options: DatabaseOptions) {
    this.prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: options.url, max: options.poolSize }) });
    // Pipelined: statements of a transaction that do not wait for one another's answers share a round trip.
    const stream = () => new GatheringSocket();
    this.pool = new pg.Pool({ connectionString: options.url, max: options.poolSize, types, pipeline: true, stream });
    // A connection that breaks while idle (Postgres restarted) is replaced by the pool at its next use.
    this.pool.on('error', () => undefined);
    // One that breaks in a transaction says so to whoever runs its next statement; unheard, it would end the process.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Runs one statement on any connection. */
  get sql(): Sql {
    return this.pool;
  }

  /** Runs `work` in one read-committed transaction; an error rolls it back and is thrown on. */
  async transaction<T>(work: (sql: Sql, defer: Defer) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      const begun = client.query(BEGIN);
      const deferred: Promise<unknown>[] = [];
      const defer = (statement: Promise<unknown>) => {
        // Reported below; until then nobody may look at it.
        statement.catch(() => undefined);
        deferred.push(statement);
      };
      const [result] = await Promise.all([work(client, defer), begun]);
      const [committed] = await Promise.all([client.query(COMMIT), ...deferred]);
      // Postgres answers so, and without an error, where a statement had failed and nobody looked.
      if (committed.command !== 'COMMIT') throw new Error('the transaction was rolled back');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Last of all: what still answers or works while the api shuts down needs it until then. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.pool.end(), this.prisma.$disconnect()]);
  }
}
