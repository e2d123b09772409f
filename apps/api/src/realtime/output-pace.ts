/** How much output comes in at present: what can wait makes room for it. */
import { Injectable } from '@nestjs/common';

const SECOND_MS = 1000;

@Injectable()
export class OutputPace {
  private since = 0;
  private bytes = 0;
  private before = 0;

  took(bytes: number): void {
    if (bytes === 0) return;
    this.turn();
    this.bytes += bytes;
  }

  /** Bytes of the second that goes on and of the one before it. */
  get recent(): number {
    this.turn();
    return this.before + this.bytes;
  }

  private turn(): void {
    const now = performance.now();
    const past = now - this.since;
    if (past < SECOND_MS) return;
    this.before = past < 2 * SECOND_MS ? this.bytes : 0;
    this.bytes = 0;
    this.since = now;
  }
}
