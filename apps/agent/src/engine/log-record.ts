/**
 * The bytes behind a container's log record, from the engine's `local` log driver.
 *
 * The driver cuts lines longer than 16 KiB into messages of exactly 16 KiB and a last one. Up to Docker 20.10 it forgets the
 * newline after that last one (seen on 20.10.24: 40,000 bytes and a newline come back as 40,000 bytes). Each message is one
 * frame, and a shorter frame without a newline is either such a last one or the unterminated end of the output: when another
 * frame of the stream follows, it was the former, and its newline is put back.
 */
import type { OutputStream } from './container-engine.ts';
import { FrameDecoder } from './frames.ts';

/** moby daemon/logger/copier.go, defaultBufSize. */
const MESSAGE_BYTES = 16 * 1024;
const NEWLINE = 0x0a;
const NEWLINE_BYTES = Buffer.from([NEWLINE]);

class StreamRecord {
  lastByte = -1;
  /** The frame before was a full piece of a long line. */
  inLongLine = false;
  owesNewline = false;
}

export class LogRecordDecoder {
  readonly #frames: FrameDecoder;
  readonly #streams = { stdout: new StreamRecord(), stderr: new StreamRecord() };

  constructor(emit: (stream: OutputStream, bytes: Buffer) => void) {
    this.#frames = new FrameDecoder({
      payload: (stream, bytes) => {
        this.#pay(stream, emit);
        this.#streams[stream].lastByte = bytes[bytes.length - 1] ?? -1;
        emit(stream, bytes);
      },
      frameEnd: (stream, length) => {
        const record = this.#streams[stream];
        if (length === 0) this.#pay(stream, emit);
        const terminated = length > 0 && record.lastByte === NEWLINE;
        if (length === MESSAGE_BYTES && !terminated) {
          record.inLongLine = true;
          return;
        }
        // A frame of no bytes is the end of a line whose length is a multiple of 16 KiB.
        record.owesNewline = !terminated && record.inLongLine;
        record.inLongLine = false;
        if (record.owesNewline && length === 0) this.#pay(stream, emit);
      },
    });
  }

  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** The stream's last line may have ended with a newline that the driver forgot; nobody can know from the record alone. */
  endsInDoubt(stream: OutputStream): boolean {
    return this.#streams[stream].owesNewline;
  }

  #pay(stream: OutputStream, emit: (stream: OutputStream, bytes: Buffer) => void): void {
    const record = this.#streams[stream];
    if (!record.owesNewline) return;
    record.owesNewline = false;
    emit(stream, NEWLINE_BYTES);
  }
}
