import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputBuffer } from './output-buffer.ts';

const STREAMS = ['stdout', 'stderr'] as const;

describe('output that waits for its acknowledgement', () => {
  it('is told once and in order, however it is written, cut into reports and acknowledged', () => {
    const write = fc.record({
      stream: fc.constantFrom(...STREAMS),
      size: fc.integer({ min: 0, max: 300 }),
      pause: fc.constantFrom(0, 1, 300),
    });
    const act = fc.oneof(
      write,
      fc.record({ report: fc.integer({ min: 1, max: 500 }), pieces: fc.integer({ min: 1, max: 4 }), lost: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const buffer = new OutputBuffer('a', { stdout: 0, stderr: 0 });
        const written = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
        const stored = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
        const report = (maxBytes: number, maxPieces: number, lost: boolean) => {
          const { reports, bytes } = buffer.peek(maxBytes, maxPieces);
          expect(bytes).toBeLessThanOrEqual(maxBytes);
          expect(reports.length).toBeLessThanOrEqual(maxPieces);
          if (lost) return;
          for (const { stream, offset, data } of reports) {
            expect(offset).toBe(stored[stream].length);
            stored[stream] = Buffer.concat([stored[stream], data]);
          }
          buffer.acknowledge({ stdout: stored.stdout.length, stderr: stored.stderr.length });
        };
        let now = 0;
        let byte = 0;
        for (const next of acts) {
          if ('report' in next) {
            report(next.report, next.pieces, next.lost);
            continue;
          }
          now += next.pause;
          const data = Buffer.from(Array.from({ length: next.size }, () => byte++ % 256));
          written[next.stream] = Buffer.concat([written[next.stream], data]);
          buffer.append(next.stream, data, now);
        }
        while (!buffer.empty) report(1000, 3, false);
        for (const stream of STREAMS) expect(stored[stream].equals(written[stream])).toBe(true);
        expect([buffer.bytes, buffer.held]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it('that is lost moves the offset on and stands where it was lost', () => {
    const buffer = new OutputBuffer('a', { stdout: 5, stderr: 0 });
    buffer.append('stdout', Buffer.from('ab'), 0);
    buffer.appendDropped('stdout', 10, 'rotated', 0);
    buffer.append('stdout', Buffer.from('cd'), 0);
    const { reports, all } = buffer.peek(100, 10);
    expect(reports.map(({ offset, dropped, data }) => [offset, dropped, Buffer.from(data).toString()])).toEqual([
      [5, 0, 'ab'],
      [7, 10, ''],
      [17, 0, 'cd'],
    ]);
    expect(all).toBe(true);
    buffer.acknowledge({ stdout: 17, stderr: 0 });
    expect(buffer.peek(100, 10).reports).toMatchObject([{ offset: 17, dropped: 0 }]);
  });

  it('of streams that alternate keeps the order between them, some pieces at a time', () => {
    const buffer = new OutputBuffer('a', { stdout: 0, stderr: 0 });
    for (let i = 0; i < 1000; i++) buffer.append(STREAMS[i % 2] ?? 'stdout', Buffer.from(String.fromCharCode(97 + (i % 26))), 0);
    const stored = { stdout: 0, stderr: 0 };
    let merged = '';
    while (!buffer.empty) {
      const { reports, all } = buffer.peek(1_000_000, 30);
      expect(reports.length).toBeLessThanOrEqual(30);
      for (const { stream, data } of reports) {
        merged += Buffer.from(data).toString();
        stored[stream] += data.length;
      }
      buffer.acknowledge(stored);
      expect(all).toBe(buffer.empty);
    }
    expect(merged).toBe(Array.from({ length: 1000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(''));
  });
});
