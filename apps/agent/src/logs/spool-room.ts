/** Room on the disk of the host for output that waits for its way up, of all attempts together; and where it is. */
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { OutputSpool } from './output-spool.ts';

const MOST_BYTES = 1024 * 1024 * 1024;
/** Of what is free on that disk. */
const SHARE = 0.1;

export class SpoolRoom {
  readonly #folder: string;
  readonly #most: number;
  #taken = 0;

  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  /** What an earlier process left there is of no use: it does not say what came after it. `most`: bytes; as the disk has them where absent. */
  static async open(home: string, most?: number): Promise<SpoolRoom> {
    const folder = join(home, 'spool');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (most !== undefined) return new SpoolRoom(folder, most);
    const { bavail, bsize } = await statfs(folder);
    return new SpoolRoom(folder, Math.min(MOST_BYTES, Math.floor(bavail * bsize * SHARE)));
  }

  get most(): number {
    return this.#most;
  }

  spoolOf(attemptId: string): OutputSpool {
    return new OutputSpool(join(this.#folder, attemptId), this);
  }

  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}
