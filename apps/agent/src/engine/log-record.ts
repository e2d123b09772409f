/**
 * The bytes behind a container's log record, from the engine's `local` log driver, each message with the time at which it was recorded.
 *
 * The driver cuts lines longer than 16 KiB into messages of exactly 16 KiB and a last one. Up to Docker 20.10 it forgets the
 * newline after that last one (seen on 20.10.24: 40,000 bytes and a newline come back as 40,000 bytes). Each message is one
 * frame, and a shorter frame without a newline is either such a last one or the unterminated end of the output: when another
 * frame of the stream follows, it was the former, and its newline is put back. A message has its time and a blank before its bytes; all
 * messages of one long line have the same time.
 */
import type { OutputStream } from './container-engine.ts';
import { FrameDecoder } from './frames.ts';
import { type RecordTime, readRecordTime } from './record-time.ts';

/** moby daemon/logger/copier.go, defaultBufSize. */
const MESSAGE_BYTES = 16 * 1024;
const NEWLINE = 0x0a;
const BLANK = 0x20;
const NEWLINE_BYTES = Buffer.from([NEWLINE]);
/** No engine's time is longer. */
const MOST_TIME = 40;

type Emit = (stream: OutputStream, bytes: Buffer, time: RecordTime) => void;

class StreamRecord {
  lastByte = -1;
  time: RecordTime = '';
  /** The frame before was a full piece of a long line. */
  inLongLine = false;
  owesNewline = false;
}

export class LogRecordDecoder {
  readonly #frames: FrameDecoder;
  readonly #streams = { stdout: new StreamRecord(), stderr: new StreamRecord() };
  readonly #emit: Emit;
  /** Of the frame that is being read: its time as far as it is here, and then null. */
  #head: string | null = '';
  #headBytes = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
    this.#frames = new FrameDecoder({
      payload: (stream, bytes) => {
        const rest = this.#head === null ? bytes : this.#readTime(stream, this.#head, bytes);
        if (rest.length > 0) this.#body(stream, rest);
      },
      frameEnd: (stream, length) => {
        const body = length - this.#headBytes;
        if (this.#head !== null) throw new Error("the engine's record has a message without a time");
        this.#head = '';
        this.#headBytes = 0;
        this.#end(stream, body);
      },
    });
  }

  /** Throws where the bytes are not the engine's. */
  push(chunk: Buffer): void {
    this.#frames.push(chunk);
  }

  /** The stream's last line may have ended with a newline that the driver forgot; nobody can know from the record alone. */
  endsInDoubt(stream: OutputStream): boolean {
    return this.#streams[stream].owesNewline;
  }

  /** What of the bytes lies behind the time. */
  #readTime(stream: OutputStream, head: string, bytes: Buffer): Buffer {
    const end = bytes.indexOf(BLANK);
    const text = head + bytes.toString('latin1', 0, end < 0 ? MOST_TIME : end);
    this.#headBytes = text.length + 1;
    if (end < 0) {
      if (text.length > MOST_TIME) throw new Error("the engine's record has a message without a time");
      this.#head = text;
      return bytes.subarray(bytes.length);
    }
    const time = readRecordTime(text);
    // What an earlier message owes was recorded with it.
    this.#pay(stream);
    this.#streams[stream].time = time;
    this.#head = null;
    return bytes.subarray(end + 1);
  }

  #body(stream: OutputStream, bytes: Buffer): void {
    const record = this.#streams[stream];
    record.lastByte = bytes[bytes.length - 1] ?? -1;
    this.#emit(stream, bytes, record.time);
  }

  #end(stream: OutputStream, length: number): void {
    const record = this.#streams[stream];
    const terminated = length > 0 && record.lastByte === NEWLINE;
    if (length === MESSAGE_BYTES && !terminated) {
      record.inLongLine = true;
      return;
    }
    // A frame of no bytes is the end of a line whose length is a multiple of 16 KiB.
    record.owesNewline = !terminated && record.inLongLine;
    record.inLongLine = false;
    if (length === 0) this.#pay(stream);
  }

  #pay(stream: OutputStream): void {
    const record = this.#streams[stream];
    if (!record.owesNewline) return;
    record.owesNewline = false;
    this.#emit(stream, NEWLINE_BYTES, record.time);
  }
}
