/**
 * Tar, as engines speak it (POSIX ustar and pax, GNU's long names): its headers read from a stream of any pieces, without keeping what is
 * in the files, and written for the files of an upload.
 */
const BLOCK = 512;
/** Names and pax records; a longer one is no name. */
const MOST_META_BYTES = 1024 * 1024;
/** The two empty blocks that end an archive. */
export const TAR_END = new Uint8Array(2 * BLOCK);

export interface TarEntry {
  name: string;
  type: 'file' | 'folder' | 'link' | 'other';
  size: number;
  mode: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Of a symbolic or a hard link. */
  linkTarget: string | null;
}

export interface TarSink {
  entry(entry: TarEntry): void;
  /** What is in the file whose entry came last; a view that is only valid now. */
  data?(bytes: Uint8Array): void;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const TYPES: Record<string, TarEntry['type']> = { '0': 'file', '\0': 'file', '7': 'file', '1': 'link', '2': 'link', '5': 'folder' };

export class TarScanner {
  readonly #sink: TarSink;
  readonly #header = new Uint8Array(BLOCK);
  #filled = 0;
  /** Of the present entry's body, and the padding behind it. */
  #body = 0;
  #padding = 0;
  #meta: { type: string; bytes: Uint8Array; at: number } | null = null;
  #overrides = new Map<string, string>();
  #ended = false;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  /** The archive's own end was read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Throws where it is no tar. */
  push(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length && !this.#ended) {
      if (this.#body > 0) {
        const part = piece.subarray(at, at + this.#body);
        this.#body -= part.length;
        at += part.length;
        this.#take(part);
        if (this.#body === 0) this.#bodyDone();
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, piece.length - at);
        this.#padding -= skipped;
        at += skipped;
      } else {
        const part = piece.subarray(at, at + BLOCK - this.#filled);
        this.#header.set(part, this.#filled);
        this.#filled += part.length;
        at += part.length;
        if (this.#filled === BLOCK) this.#headerDone();
      }
    }
  }

  #take(part: Uint8Array): void {
    if (this.#meta) {
      this.#meta.bytes.set(part, this.#meta.at);
      this.#meta.at += part.length;
    } else this.#sink.data?.(part);
  }

  #headerDone(): void {
    this.#filled = 0;
    const block = this.#header;
    if (block.every((byte) => byte === 0)) {
      this.#ended = true;
      return;
    }
    if (checksum(block) !== octal(block, 148, 8)) throw new Error('it is no tar archive, or a broken one');
    const flag = String.fromCharCode(block[156] ?? 0);
    const size = Number(this.#overrides.get('size') ?? octal(block, 124, 12));
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('it is a tar archive with an entry of no known size');
    if ('xgLK'.includes(flag)) {
      if (size > MOST_META_BYTES) throw new Error('it is a tar archive with a name that is too long');
      this.#meta = { type: flag, bytes: new Uint8Array(size), at: 0 };
      this.#begin(size);
      return;
    }
    this.#meta = null;
    const type = TYPES[flag] ?? 'other';
    const prefix = text(block, 257, 6) === 'ustar' ? text(block, 345, 155) : '';
    const name = this.#overrides.get('path') ?? (prefix ? `${prefix}/${text(block, 0, 100)}` : text(block, 0, 100));
    const linkTarget = type === 'link' ? (this.#overrides.get('linkpath') ?? text(block, 157, 100)) : null;
    const mtime = Math.trunc(Number(this.#overrides.get('mtime') ?? octal(block, 136, 12)));
    const hasBody = type === 'file' || type === 'other';
    this.#overrides.clear();
    this.#sink.entry({ name, type, size: hasBody ? size : 0, mode: octal(block, 100, 8) & 0o7777, mtime, linkTarget });
    this.#begin(hasBody ? size : 0);
  }

  #begin(size: number): void {
    this.#body = size;
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (size === 0) this.#bodyDone();
  }

  #bodyDone(): void {
    const meta = this.#meta;
    this.#meta = null;
    if (meta?.type === 'x') for (const [key, value] of paxRecords(meta.bytes)) this.#overrides.set(key, value);
    if (meta?.type === 'L') this.#overrides.set('path', text(meta.bytes, 0, meta.bytes.length));
    if (meta?.type === 'K') this.#overrides.set('linkpath', text(meta.bytes, 0, meta.bytes.length));
  }
}

/** "27 path=a/long/name\n", one after the other; the number counts its own digits too. */
function* paxRecords(bytes: Uint8Array): Generator<[string, string]> {
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(decoder.decode(bytes.subarray(at, space < 0 ? at : space)));
    if (!Number.isInteger(length) || length <= space - at) return;
    const record = decoder.decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at += length;
  }
}

function text(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits, or GNU's binary number where the first bit is set. */
function octal(block: Uint8Array, at: number, length: number): number {
  const first = block[at] ?? 0;
  if (first & 0x80) return block.subarray(at + 1, at + length).reduce((sum, byte) => sum * 256 + byte, first & 0x7f);
  const digits = text(block, at, length).trim();
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** The checksum's own field counts as spaces. */
function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

export interface WrittenEntry {
  name: string;
  size: number;
  mode: number;
  mtime: number;
}

/** All that comes before the bytes of a file; behind them comes `tarPadding`. */
export function tarHeader({ name, size, mode, mtime }: WrittenEntry): Uint8Array<ArrayBuffer> {
  const short = encoder.encode(name);
  if (short.length <= 100) return block(short, size, mode, mtime, '0');
  const record = paxRecord('path', name);
  const pax = block(encoder.encode('PaxHeader'), record.length, 0o644, mtime, 'x');
  return concatenated([pax, record, tarPadding(record.length), block(short.subarray(0, 100), size, mode, mtime, '0')]);
}

export const tarPadding = (size: number) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

function paxRecord(key: string, value: string): Uint8Array<ArrayBuffer> {
  const rest = encoder.encode(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return concatenated([encoder.encode(String(length)), rest]);
}

function block(name: Uint8Array, size: number, mode: number, mtime: number, type: string): Uint8Array<ArrayBuffer> {
  const written = new Uint8Array(BLOCK);
  const put = (at: number, value: string) => written.set(encoder.encode(value), at);
  const number = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  written.set(name, 0);
  put(100, number(mode, 7));
  put(108, number(0, 7));
  put(116, number(0, 7));
  put(124, number(size, 11));
  put(136, number(Math.max(0, mtime), 11));
  put(156, type);
  put(257, 'ustar');
  put(263, '00');
  put(148, `${number(checksum(written), 6)}\0 `);
  return written;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
