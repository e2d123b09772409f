import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputStream } from './container-engine.ts';
import { FrameDecoder } from './frames.ts';
import { LogRecordDecoder } from './log-record.ts';

const frame = (stream: OutputStream, payload: string | Buffer): Buffer => {
  const data = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
};

const TIME = '2026-11-26T12:00:00.123456789Z';

/** A message as the record gives it back. */
const message = (stream: OutputStream, body: string | Buffer, time = TIME): Buffer =>
  frame(stream, Buffer.concat([Buffer.from(`${time} `), Buffer.from(body)]));

/** The messages that Docker 20.10's `local` driver keeps of one stream (copier.go), and as it gives them back. */
function record(stream: OutputStream, output: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let inLongLine = false;
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    if (end >= 0 && end - at < 16384) {
      frames.push(message(stream, Buffer.concat([output.subarray(at, end), Buffer.from(inLongLine ? '' : '\n')])));
      inLongLine = false;
      at = end + 1;
    } else {
      const cut = Math.min(output.length, at + 16384);
      frames.push(message(stream, output.subarray(at, cut)));
      inLongLine = true;
      at = cut;
    }
  }
  return frames;
}

function decode(chunks: Buffer[]) {
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const decoder = new LogRecordDecoder((stream, bytes) => parts[stream].push(Buffer.from(bytes)));
  for (const chunk of chunks) decoder.push(chunk);
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr), decoder };
}

function* slices(bytes: Buffer, sizes: Iterator<number>): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + (sizes.next().value ?? 1));
    yield bytes.subarray(at, end);
    at = end;
  }
}

describe('frames', () => {
  it('are read whatever way they were cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom<OutputStream>('stdout', 'stderr'), fc.uint8Array({ maxLength: 50 })));
    fc.assert(
      fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (list, sizes) => {
        const seen = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
        const decoder = new FrameDecoder({ payload: (stream, bytes) => seen[stream].push(Buffer.from(bytes)) });
        const all = Buffer.concat(list.map(([stream, data]) => frame(stream, Buffer.from(data))));
        for (const slice of slices(all, sizes)) decoder.push(slice);
        for (const stream of ['stdout', 'stderr'] as const) {
          const sent = Buffer.concat(list.filter(([name]) => name === stream).map(([, data]) => Buffer.from(data)));
          expect(Buffer.concat(seen[stream]).equals(sent)).toBe(true);
        }
      }),
    );
  });

  it('of an unknown kind are refused', () => {
    expect(() => new FrameDecoder({ payload: () => undefined }).push(Buffer.alloc(8, 9))).toThrow('unknown type 9');
  });
});

describe("the engine's record", () => {
  it('gives back the newline that the driver forgot after a line longer than 16 KiB', () => {
    const output = Buffer.from(`${'x'.repeat(40_000)}\nq\0\n`);
    expect(decode(record('stdout', output)).stdout.equals(output)).toBe(true);
    const exact = Buffer.from(`${'y'.repeat(32_768)}\nend`);
    expect(decode(record('stderr', exact)).stderr.equals(exact)).toBe(true);
  });

  it('has the time of every message, also of a newline that is put back, however it is cut', () => {
    const later = '2026-11-26T12:00:01.000000001Z';
    const frames = [
      message('stdout', 'x'.repeat(16384)),
      message('stdout', 'x'),
      message('stderr', 'e\n', later),
      message('stdout', 'b\n', later),
    ];
    const seen: [string, string][] = [];
    const decoder = new LogRecordDecoder((_, bytes, time) => seen.push([bytes.toString().replace(/x+/, 'x'), time]));
    for (const slice of slices(Buffer.concat(frames), Array(30_000).fill(1).values())) decoder.push(slice);
    const at = (time: string) => seen.flatMap(([text, of]) => (of === time ? [text] : [])).join('');
    expect(at(TIME)).toMatch(/^x+\n$/);
    expect(at(later)).toBe('e\nb\n');
  });

  it('without times is refused', () => {
    const push = (body: string) => () => new LogRecordDecoder(() => undefined).push(frame('stdout', body));
    expect(push('short')).toThrow('without a time');
    expect(push('a line of the container\n')).toThrow('unknown time');
    expect(push('x'.repeat(100))).toThrow('without a time');
  });

  it('leaves an unterminated end as it is', () => {
    expect(decode(record('stdout', Buffer.from('a\n\nb'))).stdout.toString()).toBe('a\n\nb');
  });

  it('says that the end of a long last line is in doubt', () => {
    const { decoder, stdout } = decode(record('stdout', Buffer.from(`${'x'.repeat(20_000)}\n`)));
    expect(stdout.length).toBe(20_000);
    expect(decoder.endsInDoubt('stdout')).toBe(true);
    expect(decoder.endsInDoubt('stderr')).toBe(false);
  });

  it('is every byte of any output, but for the newline in doubt', () => {
    const line = fc.tuple(fc.constantFrom(0, 1, 100, 16_383, 16_384, 16_385, 33_000), fc.boolean());
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.infiniteStream(fc.integer({ min: 1, max: 30_000 })), (lines, sizes) => {
        const output = Buffer.from(lines.map(([length, ends]) => `${'z'.repeat(length)}${ends ? '\n' : ''}`).join(''));
        const { stdout, decoder } = decode([...slices(Buffer.concat(record('stdout', output)), sizes)]);
        const told = decoder.endsInDoubt('stdout') && output.at(-1) === 10 ? Buffer.concat([stdout, Buffer.from('\n')]) : stdout;
        expect(told.equals(output)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
