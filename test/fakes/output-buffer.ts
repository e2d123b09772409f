/** One stream of a simulated container: what was written, readable from any offset, as an engine's log is. */
export class OutputBuffer {
  #bytes: Buffer<ArrayBuffer> = Buffer.alloc(0);

  get length(): number {
    return this.#bytes.length;
  }

  append(data: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(data) : Buffer.concat([this.#bytes, data]);
  }

  read(offset: number, limit: number): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(offset, offset + limit);
  }
}
