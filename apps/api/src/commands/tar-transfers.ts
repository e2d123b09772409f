/**
 * Tars on their way from a host or to one, a piece a call. The next piece is asked for once the last one was taken, at both ends, so that
 * nothing holds more than a piece, at whichever replica.
 */
import { BerthError } from '@berth/shared/errors/problem';
import { type CallValues, PIECE_BYTES } from '@berth/shared/protocol/call';
import { TarScanner } from '@berth/shared/protocol/tar';
import { Injectable } from '@nestjs/common';
import { type CalledHost, HostCalls } from '../agents/host-calls.ts';

export interface OpenTransfer extends CalledHost {
  /** The id of the attempt, or of the volume, that it is of. */
  owner: string;
  transfer: string;
}

@Injectable()
export class TarTransfers {
  constructor(private readonly calls: HostCalls) {}

  async *read(open: OpenTransfer): AsyncGenerator<Uint8Array> {
    const { owner, transfer } = open;
    let last = false;
    try {
      while (!last) {
        const piece: CallValues['files.read'] = await this.calls.call<'files.read'>(open, owner, { name: 'files.read', transfer });
        last = piece.last;
        yield Buffer.from(piece.data, 'base64');
      }
    } finally {
      if (!last) await this.close(open);
    }
  }

  /** Resolves once all is unpacked. Where it throws, the transfer is still to be closed. */
  async write(open: OpenTransfer, source: AsyncIterable<Uint8Array>): Promise<void> {
    const { owner, transfer } = open;
    for await (const piece of inPieces(source)) {
      const data = Buffer.from(piece).toString('base64');
      await this.calls.call<'files.write'>(open, owner, { name: 'files.write', transfer, data });
    }
    await this.calls.call<'files.finish'>(open, owner, { name: 'files.finish', transfer });
  }

  /** The agent gives it up by itself where this does not reach it. */
  async close(open: OpenTransfer): Promise<void> {
    await this.calls.call<'files.close'>(open, open.owner, { name: 'files.close', transfer: open.transfer }).catch(() => undefined);
  }
}

/** The engine unpacks within the container or the volume whatever the names are; one that means to leave its folder is a mistake or worse. */
export async function* checkedTar(body: AsyncIterable<Uint8Array>, seen: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  const refuse = (message: string) => new BerthError('invalid-request', `The tar cannot be taken: ${message}.`);
  const scanner = new TarScanner({
    entry({ name }) {
      seen();
      if (name.startsWith('/') || name.split('/').includes('..')) throw refuse(`"${name}" leads out of the folder`);
    },
  });
  for await (const piece of body) {
    try {
      scanner.push(piece);
    } catch (error) {
      throw error instanceof BerthError ? error : refuse(error instanceof Error ? error.message : String(error));
    }
    yield piece;
  }
  if (!scanner.ended) throw refuse('it ends before its end');
}

/** As large as a call takes: small ones wait for one another. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let have = 0;
  for await (const piece of source) {
    parts.push(piece);
    have += piece.length;
    if (have < PIECE_BYTES) continue;
    const all = Buffer.concat(parts);
    const whole = have - (have % PIECE_BYTES);
    for (let from = 0; from < whole; from += PIECE_BYTES) yield all.subarray(from, from + PIECE_BYTES);
    parts = [all.subarray(whole)];
    have -= whole;
  }
  if (have > 0) yield Buffer.concat(parts);
}
