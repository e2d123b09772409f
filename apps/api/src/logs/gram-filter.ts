/**
 * Which three bytes follow one another in a part of a log, as a small set that is sometimes wrong, and only in saying yes. Most parts are not
 * unpacked for a search then. Letters of ASCII have no case in it. Pure (law L2).
 */

/** One for so many bytes: about 3 % of them packed. Lines with random ids fill a fifth of the bits then. */
const SHARE = 256;
const LEAST_BYTES = 64;
const MOST_BYTES = 4096;
/** Fuller than this it holds everything back from nobody. */
const MOST_FULL = 0.75;
const NEWLINE = 10;
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/** Three bytes in one number → a bit of a filter of 2^n bits, by `32 - n`. */
const bitOf = (gram: number, shift: number): number => Math.imul(gram, 0x9e3779b1) >>> shift;
const shiftOf = (filter: Uint8Array): number => 32 - Math.log2(filter.length * 8);

/** Of the bytes of streams, each for itself. Null: it would say nothing. */
export function filterOf(streams: readonly Uint8Array[]): Buffer | null {
  const length = streams.reduce((sum, bytes) => sum + bytes.length, 0);
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, length / SHARE)));
  const bits = Buffer.alloc(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, size)));
  const shift = shiftOf(bits);
  for (const bytes of streams) {
    let [gram, known] = [0, 0];
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === NEWLINE) {
        known = 0;
        continue;
      }
      gram = ((gram << 8) | (LOWER[byte] ?? 0)) & 0xffffff;
      if (++known < 3) continue;
      const bit = bitOf(gram, shift);
      bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  let full = 0;
  for (let byte of bits) for (; byte > 0; byte &= byte - 1) full++;
  return full <= MOST_FULL * bits.length * 8 ? bits : null;
}

/** False: one of the texts is in no line of this part. */
export function mayHold(filter: Uint8Array, texts: readonly Uint8Array[]): boolean {
  const shift = shiftOf(filter);
  return texts.every((text) => {
    let gram = 0;
    return text.every((byte, index) => {
      gram = ((gram << 8) | (LOWER[byte] ?? 0)) & 0xffffff;
      const bit = bitOf(gram, shift);
      return index < 2 || ((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
    });
  });
}
