/** The lines that have not ended at the end of a packed part of a log, kept beside it: who goes over the part goes on with them. */
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { LOG_STREAMS } from '@berth/shared/events/console-socket';
import { z } from 'zod';
import type { OpenLine } from './log-lines.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const headsSchema = z.array(
  /** Attempt, stream, position, the place behind its last byte, when its first one came, bytes. */
  z.tuple([z.number(), z.enum(LOG_STREAMS), z.number(), z.number(), z.string(), z.number()]),
);
const LENGTH_BYTES = 4;

export async function packOpenLines(lines: readonly OpenLine[]): Promise<Buffer> {
  const heads: z.infer<typeof headsSchema> = lines.map(({ attempt, stream, position, next, at, data }) => [
    attempt,
    stream,
    position,
    next,
    at,
    data.length,
  ]);
  const head = Buffer.from(JSON.stringify(heads));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  return compress(Buffer.concat([length, head, ...lines.map(({ data }) => data)]));
}

export async function unpackOpenLines(packed: Uint8Array): Promise<OpenLine[]> {
  const whole = await decompress(packed);
  let place = LENGTH_BYTES + whole.readUInt32LE();
  const heads = headsSchema.parse(JSON.parse(whole.toString('utf8', LENGTH_BYTES, place)));
  return heads.map(([attempt, stream, position, next, at, length]) => {
    const data = whole.subarray(place, place + length);
    place += length;
    return { attempt, stream, position, next, at, data };
  });
}
