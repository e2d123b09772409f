/**
 * Pieces of bytes in one message travel as one block with their lengths beside it: socket.io makes a frame of its own of every
 * block, and takes no message with more than ten (socket.io-parser, maxAttachments).
 */
/** The block as a socket hands it out: a browser gives an ArrayBuffer. */
export type Block = Bytes | ArrayBuffer;
export type Bytes = Uint8Array<ArrayBuffer>;

/** A piece without its bytes. */
export type Head<Piece extends { data: Bytes }> = Omit<Piece, 'data'> & { length: number };

/** Copies the bytes once, unless there is only one piece. */
export function pack<Piece extends { data: Bytes }>(pieces: readonly Piece[]): { heads: Head<Piece>[]; data: Bytes } {
  const heads = pieces.map(({ data, ...head }) => ({ ...head, length: data.length }));
  const [only] = pieces;
  if (only && pieces.length === 1) return { heads, data: only.data };
  const data = new Uint8Array(heads.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    data.set(piece.data, at);
    at += piece.data.length;
  }
  return { heads, data };
}

/** The pieces again; their bytes are views into the block. `heads` and block belong together where `isWhole` says so. */
export function unpack<H extends { length: number }>(heads: readonly H[], block: Block): (Omit<H, 'length'> & { data: Bytes })[] {
  const bytes = block instanceof ArrayBuffer ? new Uint8Array(block) : block;
  let at = 0;
  return heads.map(({ length, ...head }) => {
    at += length;
    return { ...head, data: bytes.subarray(at - length, at) };
  });
}

/** A few bytes as base64 text: a block is a frame of its own, which costs more than its bytes. */
export const textOf = (block: Bytes): string => btoa(String.fromCharCode(...block));

/** The block of a message that carries a few bytes as base64 text. Throws DOMException where that is no base64. */
export function blockOf(data: Block | string): Block {
  if (typeof data !== 'string') return data;
  const letters = atob(data);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

/** `block`: as text where it is base64, with its padding. */
export function isWhole(heads: readonly { length: number }[], block: Block | string): boolean {
  return heads.reduce((sum, { length }) => sum + length, 0) === (typeof block === 'string' ? bytesIn(block) : block.byteLength);
}

function bytesIn(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}
