/**
 * The last bytes of each stream that came in, and when: by them the place is found again in the engine's record, which does not say how many
 * bytes of it were rotated away. Copied in; a stream that writes little takes little memory.
 */
import { TAIL_BYTES } from '@berth/shared/protocol/agent';
import type { OutputStream } from '../engine/container-engine.ts';

export interface StreamTail {
  /** At most TAIL_BYTES; none where what came last is not known, or is missing itself. */
  bytes: Buffer;
  /** When the last of them came, in milliseconds since 1970; null where that is not known. */
  at: number | null;
}

const EMPTY = Buffer.alloc(0);

class StreamRing {
  #held = EMPTY;
  #length = 0;
  at: number | null = null;

  append(bytes: Buffer, at: number): void {
    this.at = at;
    const kept = bytes.length > TAIL_BYTES ? bytes.subarray(bytes.length - TAIL_BYTES) : bytes;
    if (this.#length + kept.length > this.#held.length) this.#makeRoom(kept.length);
    this.#length += kept.copy(this.#held, this.#length);
  }

  /** Twice what is kept, so that most bytes are moved once. */
  #makeRoom(wanted: number): void {
    const before = this.bytes;
    const size = Math.min(2 * TAIL_BYTES, 2 * (before.length + wanted));
    const kept = before.subarray(Math.max(0, before.length + wanted - size));
    const held = Buffer.allocUnsafe(size);
    this.#length = kept.copy(held);
    this.#held = held;
  }

  get bytes(): Buffer {
    return this.#held.subarray(Math.max(0, this.#length - TAIL_BYTES), this.#length);
  }

  restart({ bytes, at }: StreamTail): void {
    this.#held = Buffer.from(bytes);
    this.#length = bytes.length;
    this.at = at;
  }
}

export class OutputTail {
  readonly #streams = { stdout: new StreamRing(), stderr: new StreamRing() };

  append(stream: OutputStream, bytes: Buffer, at: number): void {
    this.#streams[stream].append(bytes, at);
  }

  of(stream: OutputStream): StreamTail {
    const { bytes, at } = this.#streams[stream];
    return { bytes, at };
  }

  /** What came last is another: what is stored, or nothing that is known. */
  restart(stream: OutputStream, tail: StreamTail): void {
    this.#streams[stream].restart(tail);
  }
}
