/**
 * Files on their way out of a container or into one: tar streams between the engine and the api, a piece a call. The api pulls, or waits for
 * its piece to be taken, so that nothing holds more than a piece. One that nobody has asked of for a while is given up.
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Outcome } from '@berth/shared/errors/outcome';
import { PIECE_BYTES } from '@berth/shared/protocol/call';
import type { ArchiveUpload } from '../engine/container-engine.ts';

/** At once; each is a connection to the engine. */
const MOST = 16;
const IDLE_MS = 60_000;

interface Transfer {
  /** Or the volume's id. */
  attemptId: string;
  way: { out: PieceReader; close(): void } | { in: ArchiveUpload; close(): void };
  timer: NodeJS.Timeout;
}

const refused = (message: string): Outcome<never> => ({ ok: false, failure: { kind: 'cannot-ever', reason: 'engine-error', message } });
const GONE = refused('the transfer is not (or no longer) there: nobody asked for its next piece for a minute, or the agent started again');

export class Transfers {
  readonly #open = new Map<string, Transfer>();

  async download(attemptId: string, open: () => Promise<Outcome<Readable>>): Promise<Outcome<{ transfer: string }>> {
    if (this.#open.size >= MOST) return refused(`${MOST} transfers are under way on the host already`);
    const stream = await open();
    if (!stream.ok) return stream;
    const out = new PieceReader(stream.value);
    return { ok: true, value: { transfer: this.#add(attemptId, { out, close: () => void stream.value.destroy() }) } };
  }

  async upload(attemptId: string, open: () => Promise<Outcome<ArchiveUpload>>): Promise<Outcome<{ transfer: string }>> {
    if (this.#open.size >= MOST) return refused(`${MOST} transfers are under way on the host already`);
    const upload = await open();
    if (!upload.ok) return upload;
    return { ok: true, value: { transfer: this.#add(attemptId, { in: upload.value, close: () => upload.value.abort() }) } };
  }

  async read(attemptId: string, id: string): Promise<Outcome<{ data: string; last: boolean }>> {
    const found = this.#touch(attemptId, id);
    if (!found || !('out' in found.way)) return GONE;
    try {
      const { bytes, last } = await found.way.out.next();
      if (last) this.close(attemptId, id);
      return { ok: true, value: { data: bytes.toString('base64'), last } };
    } catch (cause) {
      this.close(attemptId, id);
      return { ok: false, failure: { kind: 'cannot-now', reason: 'waiting-for-engine', message: `it broke off: ${String(cause)}`, cause } };
    }
  }

  async write(attemptId: string, id: string, data: string): Promise<Outcome<Record<string, never>>> {
    const found = this.#touch(attemptId, id);
    if (!found || !('in' in found.way)) return GONE;
    const taken = await found.way.in.write(Buffer.from(data, 'base64'));
    if (!taken.ok) this.close(attemptId, id);
    return taken.ok ? { ok: true, value: {} } : taken;
  }

  async finish(attemptId: string, id: string): Promise<Outcome<Record<string, never>>> {
    const found = this.#touch(attemptId, id);
    if (!found || !('in' in found.way)) return GONE;
    const done = await found.way.in.finish();
    this.close(attemptId, id);
    return done.ok ? { ok: true, value: {} } : done;
  }

  close(attemptId: string, id: string): void {
    const found = this.#open.get(id);
    if (found?.attemptId !== attemptId) return;
    clearTimeout(found.timer);
    this.#open.delete(id);
    found.way.close();
  }

  #add(attemptId: string, way: Transfer['way']): string {
    const id = randomUUID();
    this.#open.set(id, { attemptId, way, timer: this.#givenUp(attemptId, id) });
    return id;
  }

  #touch(attemptId: string, id: string): Transfer | null {
    const found = this.#open.get(id);
    if (found?.attemptId !== attemptId) return null;
    clearTimeout(found.timer);
    found.timer = this.#givenUp(attemptId, id);
    return found;
  }

  #givenUp(attemptId: string, id: string): NodeJS.Timeout {
    return setTimeout(() => this.close(attemptId, id), IDLE_MS).unref();
  }
}

/** A stream as pieces of PIECE_BYTES, read from the engine as they are asked for. */
class PieceReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(stream: Readable) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  async next(): Promise<{ bytes: Buffer; last: boolean }> {
    const parts = [this.#rest];
    let have = this.#rest.length;
    while (have < PIECE_BYTES && !this.#ended) {
      const { value, done } = await this.#pieces.next();
      if (done) this.#ended = true;
      else {
        parts.push(value);
        have += value.length;
      }
    }
    const all = Buffer.concat(parts);
    this.#rest = all.subarray(PIECE_BYTES);
    return { bytes: all.subarray(0, PIECE_BYTES), last: this.#ended && this.#rest.length === 0 };
  }
}
