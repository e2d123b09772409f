/** The threads that search in packed parts of logs: a few, started when there is something to search, ended when there was nothing for a while. */
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BerthError } from '@berth/shared/errors/problem';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ScanAnswer, ScanOrder, ScanRequest } from './scan-worker.ts';
import type { Scan } from './segment-scan.ts';

/** One of them is never the whole machine; more than four wait for Postgres. */
const THREADS = Math.max(1, Math.min(4, availableParallelism()));
/** One is worked on while the answer to the one before is on its way. */
const ORDERS_A_THREAD = 2;
const IDLE_MS = 60_000;

interface Pending {
  request: ScanRequest;
  leaving: AbortSignal;
  /** A thread has died over it: another one that does is no accident. */
  again: boolean;
  resolve: (scan: Scan) => void;
  reject: (error: Error) => void;
}

interface Thread {
  worker: Worker;
  orders: Map<number, Pending>;
}

@Injectable()
export class ScanThreads implements OnModuleDestroy {
  private readonly threads: Thread[] = [];
  private readonly waiting: Pending[] = [];
  private last = 0;
  private idle: NodeJS.Timeout | undefined;
  private closed = false;

  onModuleDestroy(): void {
    this.closed = true;
    clearTimeout(this.idle);
    this.end();
  }

  /** In the order in which it was asked for, whoever asks; not at all where who asked has left before its turn. Throws where the part was damaged or two threads have died over it, and BerthError `unavailable` while the api ends. */
  scan(order: ScanOrder, leaving: AbortSignal): Promise<Scan> {
    if (this.closed) return Promise.reject(ending());
    return new Promise((resolve, reject) => {
      this.waiting.push({ request: { id: ++this.last, order }, leaving, again: false, resolve, reject });
      clearTimeout(this.idle);
      this.hand();
    });
  }

  private hand(): void {
    for (let pending = this.waiting[0]; pending; pending = this.waiting[0]) {
      if (pending.leaving.aborted) {
        this.waiting.shift();
        pending.reject(ending());
        continue;
      }
      const thread = this.free();
      if (!thread) return;
      this.waiting.shift();
      thread.orders.set(pending.request.id, pending);
      thread.worker.postMessage(pending.request);
    }
  }

  /** The one with the least to do; a new one where all have something and there may be more. */
  private free(): Thread | null {
    const [least] = [...this.threads].sort((a, b) => a.orders.size - b.orders.size);
    if (least && (least.orders.size === 0 || (this.threads.length >= THREADS && least.orders.size < ORDERS_A_THREAD))) return least;
    return this.threads.length < THREADS ? this.start() : null;
  }

  private start(): Thread {
    // Beside this file, as source or as built.
    const worker = new Worker(new URL(`./scan-worker${extname(import.meta.url)}`, import.meta.url));
    const thread: Thread = { worker, orders: new Map() };
    worker.on('message', (answer: ScanAnswer) => this.take(thread, answer));
    worker.on('error', (error) => this.lose(thread, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.lose(thread, ending()));
    worker.unref();
    this.threads.push(thread);
    return thread;
  }

  private take(thread: Thread, answer: ScanAnswer): void {
    const pending = thread.orders.get(answer.id);
    thread.orders.delete(answer.id);
    if ('scan' in answer) {
      const found = answer.scan.found.map(({ end, line }) => ({ end, line: { ...line, data: Buffer.from(line.data.buffer) } }));
      pending?.resolve({ ...answer.scan, found });
    } else pending?.reject(new Error(`a packed part of a log cannot be searched: ${answer.failure}`));
    this.hand();
    if (this.threads.every(({ orders }) => orders.size === 0)) this.rest();
  }

  private rest(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end(), IDLE_MS).unref();
  }

  private end(): void {
    for (const { worker } of [...this.threads]) void worker.terminate();
    for (const { reject } of this.waiting.splice(0)) reject(ending());
  }

  private lose(thread: Thread, error: Error): void {
    const index = this.threads.indexOf(thread);
    if (index < 0) return;
    this.threads.splice(index, 1);
    const orders = [...thread.orders.values()];
    for (const { reject } of orders.filter(({ again }) => again || this.closed)) reject(error);
    if (this.closed) return;
    // Before whatever was asked for later.
    this.waiting.unshift(...orders.filter(({ again }) => !again).map((pending) => ({ ...pending, again: true })));
    this.hand();
  }
}

const ending = () => new BerthError('unavailable', 'The search was ended.');
