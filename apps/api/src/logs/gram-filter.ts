/**
 * Which bytes follow one another in a part of a log, as small sets that are sometimes wrong, and only in saying yes. Most parts are not
 * unpacked for a search then. Letters of ASCII have no case in them. Pure (law L2).
 *
 * There are two: three bytes for words, which are short and rare in most parts; five for random ids, whose parts of three bytes are in every part.
 */
import type { Steps } from './steps.ts';

interface Kind {
  /** How many bytes make a gram: 3 or 5. */
  length: number;
  /** One byte of filter for so many of the log. */
  share: number;
  most: number;
  /** Fuller than this it holds everything back from nobody. */
  mostFull: number;
}

/** About 3 % of a part packed. Lines with random ids fill a fifth of the bits then. */
const SHORT: Kind = { length: 3, share: 256, most: 4096, mostFull: 0.75 };
/** About 10 %. Lines with random ids fill two thirds; an id of 16 digits has twelve grams, and all of them must be there. */
const LONG: Kind = { length: 5, share: 64, most: 16_384, mostFull: 0.9 };
const LEAST_BYTES = 64;
const NEWLINE = 10;
/** A millisecond or two. */
const STEP_BYTES = 64 * 1024;
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/** Three bytes in one number → 32 bits, of which the first n say the place in a filter of 2^n bits. */
const hashShort = (three: number): number => Math.imul(three, 0x9e3779b1) >>> 0;
/** Four bytes in one number, and the one before them. */
const hashLong = (four: number, before: number): number => {
  const mixed = Math.imul(four ^ Math.imul(before + 1, 0x85ebca6b), 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0;
};

const shiftOf = (filter: Uint8Array): number => 32 - Math.log2(filter.length * 8);

/** Of the bytes of streams, each for itself. Null: it would say nothing. */
export const filterOf = (streams: readonly Uint8Array[]): Steps<Buffer | null> => fill(SHORT, streams);
export const longFilterOf = (streams: readonly Uint8Array[]): Steps<Buffer | null> => fill(LONG, streams);

function* fill(kind: Kind, streams: readonly Uint8Array[]): Steps<Buffer | null> {
  const { share, most, mostFull } = kind;
  const total = streams.reduce((sum, bytes) => sum + bytes.length, 0);
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, total / share)));
  const bits = Buffer.alloc(Math.min(most, Math.max(LEAST_BYTES, size)));
  for (const bytes of streams) {
    // A step sees again what goes on in it: the grams that end in it are whole.
    for (let from = 0; from < bytes.length; from += STEP_BYTES) {
      mark(kind, bits, bytes.subarray(Math.max(0, from - kind.length + 1), from + STEP_BYTES));
      yield;
    }
  }
  let full = 0;
  for (let byte of bits) for (; byte > 0; byte &= byte - 1) full++;
  return full <= mostFull * bits.length * 8 ? bits : null;
}

function mark({ length }: Kind, bits: Buffer, bytes: Uint8Array): void {
  const shift = shiftOf(bits);
  let [four, known] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === NEWLINE) {
      known = 0;
      continue;
    }
    const before = four >>> 24;
    four = (four << 8) | (LOWER[byte] ?? 0);
    if (++known < length) continue;
    const bit = (length === 3 ? hashShort(four & 0xffffff) : hashLong(four, before)) >>> shift;
    bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
}

/** The hashes of all grams of these texts. In a filter of 2^n bits the first n bits of each are its place, counted in a byte from the lowest bit. */
export const hashesOf = (texts: readonly Uint8Array[]): number[] => hashes(SHORT, texts);
export const longHashesOf = (texts: readonly Uint8Array[]): number[] => hashes(LONG, texts);

function hashes({ length }: Kind, texts: readonly Uint8Array[]): number[] {
  return texts.flatMap((text) => {
    let four = 0;
    const found: number[] = [];
    text.forEach((byte, index) => {
      const before = four >>> 24;
      four = (four << 8) | (LOWER[byte] ?? 0);
      if (index + 1 >= length) found.push(length === 3 ? hashShort(four & 0xffffff) : hashLong(four, before));
    });
    return found;
  });
}

/** False: one of the texts whose hashes these are is in no line of this part. */
export function mayHold(filter: Uint8Array, wanted: readonly number[]): boolean {
  const shift = shiftOf(filter);
  return wanted.every((hash) => {
    const bit = hash >>> shift;
    return ((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  });
}
