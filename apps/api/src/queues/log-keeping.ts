/** Logs as they get older: packed, and removed when they are older, or take more room, than their workspace keeps. */
import { LOG_RETENTION } from '@berth/shared/http/settings';
import { formatBytes } from '@berth/shared/model/quantity-text';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SegmentRepository } from '../persistence/segment-repository.ts';
import { OutputPace } from '../realtime/output-pace.ts';

/** Sorts behind every id. */
const NEWEST = '~';
const ROUND_MS = 5_000;
const RETAIN_ROUNDS = 3;
/** What one round packs at most; the next one goes on. */
const CALL_MS = 5_000;
/** Packing takes a good part of a core, and can wait: while more than this comes in within two seconds, it takes rests. */
const MUCH_BYTES = 2 * 1024 * 1024;
const REST_MS = 1_000;
/** Of one run. Above it the room that unpacked output takes matters more than its pace. */
const BEHIND_BYTES = 512 * 1024 * 1024;

@Injectable()
export class LogKeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('LogKeeping');
  private timer: NodeJS.Timeout | undefined;
  private rounds = 0;
  private failing = false;
  private closing = false;
  /** The old ones are looked at in turns; the newest every time. */
  private turn = NEWEST;

  constructor(
    private readonly segments: SegmentRepository,
    private readonly pace: OutputPace,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (!this.closing) this.timer = setTimeout(() => void this.round().finally(() => this.schedule()), ROUND_MS);
  }

  private async round(): Promise<void> {
    try {
      await this.pack();
      if (++this.rounds % RETAIN_ROUNDS === 0) await this.retain();
      this.failing = false;
    } catch (error) {
      if (!this.failing && !this.closing)
        this.log.warn(`logs cannot be packed now: ${error instanceof Error ? error.message : String(error)}`);
      this.failing = true;
    }
  }

  /** Several processes may do this at once: each part is packed by the first. */
  private async pack(): Promise<void> {
    const until = Date.now() + CALL_MS;
    const newest = await this.segments.packable(NEWEST);
    if (this.turn === NEWEST) this.turn = newest.next ?? NEWEST;
    const older = this.turn === NEWEST ? { runs: [], next: null } : await this.segments.packable(this.turn);
    this.turn = older.next ?? NEWEST;
    for (const run of [...newest.runs, ...older.runs]) {
      for (let from: number | null = run.from; from !== null; ) {
        if (run.until - from < BEHIND_BYTES && this.pace.recent > MUCH_BYTES) await rest();
        if (Date.now() > until || this.closing) return;
        from = await this.segments.packNext({ ...run, from });
      }
    }
  }

  private async retain(): Promise<void> {
    for (const { workspaceId, maxAgeDays, maxBytes, bytes } of await this.segments.kept(LOG_RETENTION)) {
      const days = `${maxAgeDays} ${maxAgeDays === 1 ? 'day' : 'days'}`;
      for (const { runId, until } of await this.segments.older(workspaceId, maxAgeDays)) {
        await this.segments.drop(runId, until, `removed: the workspace keeps logs for ${days}`);
      }
      if (bytes <= maxBytes) continue;
      for (const { runId, until } of await this.segments.oldest(workspaceId, bytes - maxBytes)) {
        await this.segments.drop(runId, until, `removed: the workspace keeps ${formatBytes(maxBytes)} of logs`);
      }
    }
  }
}

const rest = () => new Promise<void>((resolve) => setTimeout(resolve, REST_MS).unref());
