/** How tall rows are: as measured, or as their text makes one expect. */
import type { LogLine } from './line-splitter.ts';

export const ROW = 20;

interface Measured {
  height: number;
  /** A line may have grown since. */
  length: number;
  epoch: number;
}

export class RowHeights {
  #measured = new WeakMap<LogLine, Measured>();
  #epoch = 0;
  /** Characters in a row; null where lines are not wrapped. */
  #columns: number | null = null;

  /** Changes when all heights may have. */
  get epoch(): number {
    return this.#epoch;
  }
  get columns(): number | null {
    return this.#columns;
  }

  /** What was measured before is void. */
  wrapAt(columns: number | null): void {
    this.#columns = columns;
    this.#epoch++;
  }

  of(line: LogLine): number {
    const known = this.#measured.get(line);
    if (known && known.epoch === this.#epoch && known.length === line.text.length) return known.height;
    return this.#columns === null ? ROW : ROW * Math.max(1, Math.ceil(line.text.length / this.#columns));
  }

  /** By how much it is taller than was thought. */
  measured(line: LogLine, height: number): number {
    const difference = height - this.of(line);
    this.#measured.set(line, { height, length: line.text.length, epoch: this.#epoch });
    return difference;
  }
}
