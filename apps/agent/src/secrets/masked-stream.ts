/**
 * PURE. A stream of bytes in which every value of a secret is replaced by as many `*`: offsets stay what they are (law L7). Wherever the stream is cut
 * into pieces, what comes out is the same as of the whole.
 *
 * Bytes that may be the beginning of a value are held back until the next ones decide it, or the stream ends; of an output that is kept, no time lets them go. A value that was
 * written in two pieces would otherwise be shown in part, and the engine's record of it, masked as a whole, would no longer be what is stored. What waits
 * is the beginning of a secret, so that no more is held back than should not be seen; an end of a line always lets go of it.
 */
import type { OutputSink, OutputStream } from '../engine/container-engine.ts';
import type { SecretMatcher } from './secret-matcher.ts';

const NOTHING = Buffer.alloc(0);
const MASK = '*'.charCodeAt(0);

export class MaskedStream {
  readonly #matcher: SecretMatcher;
  #state = 0;
  #held: Buffer = NOTHING;

  constructor(matcher: SecretMatcher) {
    this.#matcher = matcher;
  }

  /** Bytes that came in and did not go out. */
  get held(): number {
    return this.#held.length;
  }

  /** A copy, of what is decided: as long as what came in, but for what is held. */
  push(bytes: Uint8Array): Buffer {
    const all = Buffer.concat([this.#held, bytes]);
    this.#state = this.#matcher.scan(this.#state, all, this.#held.length, (end, length) => all.fill(MASK, Math.max(0, end - length), end));
    const decided = Math.max(0, all.length - this.#matcher.open(this.#state));
    // A copy: what goes out would be kept by what stays.
    this.#held = decided === all.length ? NOTHING : Buffer.from(all.subarray(decided));
    return all.subarray(0, decided);
  }

  /** What was held, for who cannot wait; the rest of a value that comes after it is masked all the same. */
  release(): Buffer {
    const rest = this.#held;
    this.#held = NOTHING;
    return rest;
  }

  /** The stream ends: what was held is no value. */
  end(): Buffer {
    this.#state = 0;
    return this.release();
  }
}

/** What the engine sends of a container that is listened to. Of a connection that breaks, what is held is left out: the engine's record has it. */
export function maskOutput(matcher: SecretMatcher, sink: OutputSink): OutputSink {
  const streams: Record<OutputStream, MaskedStream> = { stdout: new MaskedStream(matcher), stderr: new MaskedStream(matcher) };
  const give = (stream: OutputStream, bytes: Buffer) => {
    if (bytes.length > 0) sink.data(stream, bytes);
  };
  return {
    data: (stream, bytes) => give(stream, streams[stream].push(bytes)),
    end: (failure, inDoubt) => {
      if (failure === null) for (const stream of ['stdout', 'stderr'] as const) give(stream, streams[stream].end());
      sink.end(failure, inDoubt);
    },
  };
}

/** All of it at once. */
export function masked(matcher: SecretMatcher, bytes: Uint8Array): Buffer {
  const stream = new MaskedStream(matcher);
  return Buffer.concat([stream.push(bytes), stream.end()]);
}

/** With `*` for every byte of a value. */
export const maskedText = (matcher: SecretMatcher, text: string): string => masked(matcher, Buffer.from(text)).toString('utf8');
