/** What came in during the second that goes on and the one before it. */

const SECOND_MS = 1000;

export class RecentSum {
  #since = 0;
  #sum = 0;
  #before = 0;

  add(amount: number): void {
    this.#turn();
    this.#sum += amount;
  }

  get value(): number {
    this.#turn();
    return this.#before + this.#sum;
  }

  #turn(): void {
    const now = performance.now();
    const past = now - this.#since;
    if (past < SECOND_MS) return;
    this.#before = past < 2 * SECOND_MS ? this.#sum : 0;
    this.#sum = 0;
    this.#since = now;
  }
}
