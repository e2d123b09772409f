/**
 * The engine's multiplexed output: frames of an 8-byte header (stream, length) and a payload. Payloads are handed on as
 * views, in as many pieces as they arrive; nothing is copied or concatenated here.
 */
import type { OutputStream } from './container-engine.ts';

const HEADER = 8;

export interface FrameSink {
  payload(stream: OutputStream, bytes: Buffer): void;
  /** The frame whose payload was handed on is complete; `length` is all of it. */
  frameEnd?(stream: OutputStream, length: number): void;
}

export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #header = Buffer.allocUnsafe(HEADER);
  #headerBytes = 0;
  #stream: OutputStream = 'stdout';
  #length = 0;
  #rest = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Throws where the bytes are not frames. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#rest > 0) {
        const end = Math.min(at + this.#rest, chunk.length);
        this.#sink.payload(this.#stream, chunk.subarray(at, end));
        this.#rest -= end - at;
        at = end;
        if (this.#rest === 0) this.#sink.frameEnd?.(this.#stream, this.#length);
        continue;
      }
      const end = Math.min(at + HEADER - this.#headerBytes, chunk.length);
      chunk.copy(this.#header, this.#headerBytes, at, end);
      this.#headerBytes += end - at;
      at = end;
      if (this.#headerBytes < HEADER) return;
      this.#headerBytes = 0;
      this.#open();
    }
  }

  #open(): void {
    const type = this.#header[0];
    if (type !== 1 && type !== 2) throw new Error(`the engine's output has a frame of unknown type ${type}`);
    this.#stream = type === 1 ? 'stdout' : 'stderr';
    this.#length = this.#header.readUInt32BE(4);
    this.#rest = this.#length;
    if (this.#length === 0) this.#sink.frameEnd?.(this.#stream, 0);
  }
}
