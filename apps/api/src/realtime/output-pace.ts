/** How much output comes in at present: what can wait makes room for it. */
import { Injectable } from '@nestjs/common';
import { RecentSum } from './recent-sum.ts';

@Injectable()
export class OutputPace {
  private readonly bytes = new RecentSum();

  took(bytes: number): void {
    if (bytes > 0) this.bytes.add(bytes);
  }

  /** Bytes of the second that goes on and of the one before it. */
  get recent(): number {
    return this.bytes.value;
  }
}
