/** How many searches go on at once in this process: more would only make each of them, and all else, slower. */
import { BerthError } from '@berth/shared/errors/problem';
import { Injectable } from '@nestjs/common';

const AT_ONCE = 4;
const MOST_WAITING = 32;

@Injectable()
export class SearchTurns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** Throws BerthError `unavailable` where too many wait already. */
  async take<T>(search: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= MOST_WAITING)
        throw new BerthError('unavailable', 'Too many searches wait already: try again in a moment.');
      // Who ends hands its turn on: nobody overtakes who waits.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running++;
    try {
      return await search();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
