/**
 * PURE. A reading of the engine's record, message for message as long as it is and at its time, with the values of secrets masked. A message whose end may
 * be the beginning of a value is given when the next one of its stream has decided it: only a line that is longer than a message is ever cut there.
 */
import type { OutputStream, RecordSink } from '../engine/container-engine.ts';
import type { RecordTime } from '../engine/record-time.ts';
import { MaskedStream } from './masked-stream.ts';
import type { SecretMatcher } from './secret-matcher.ts';

interface Waiting {
  length: number;
  time: RecordTime | null;
}

class MaskedMessages {
  readonly #stream: MaskedStream;
  /** Decided bytes of messages that are not decided to their end. */
  #decided = Buffer.alloc(0);
  #waiting: Waiting[] = [];

  constructor(matcher: SecretMatcher) {
    this.#stream = new MaskedStream(matcher);
  }

  push(bytes: Buffer, time: RecordTime | null, give: (bytes: Buffer, time: RecordTime | null) => void): void {
    this.#waiting.push({ length: bytes.length, time });
    this.#give(this.#stream.push(bytes), give);
  }

  end(give: (bytes: Buffer, time: RecordTime | null) => void): void {
    this.#give(this.#stream.end(), give);
  }

  #give(more: Buffer, give: (bytes: Buffer, time: RecordTime | null) => void): void {
    let decided = this.#decided.length === 0 ? more : Buffer.concat([this.#decided, more]);
    for (let first = this.#waiting[0]; first && first.length <= decided.length; first = this.#waiting[0]) {
      this.#waiting.shift();
      const message = decided.subarray(0, first.length);
      decided = decided.subarray(first.length);
      give(message, first.time);
    }
    this.#decided = decided.length === 0 ? Buffer.alloc(0) : Buffer.from(decided);
  }
}

/** `isLast`: what it has at its end is all that there will be. Otherwise what is not decided by then is left out, and read again. */
export function maskRecord(matcher: SecretMatcher, sink: RecordSink, isLast: boolean): RecordSink {
  const messages: Record<OutputStream, MaskedMessages> = { stdout: new MaskedMessages(matcher), stderr: new MaskedMessages(matcher) };
  return {
    data: (stream, bytes, time) => messages[stream].push(bytes, time, (given, at) => sink.data(stream, given, at)),
    end: (failure, inDoubt) => {
      if (failure === null && isLast) {
        for (const stream of ['stdout', 'stderr'] as const) messages[stream].end((given, at) => sink.data(stream, given, at));
      }
      sink.end(failure, inDoubt);
    },
  };
}
