import type { LogChunk } from '@berth/shared/events/console-socket';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { between, chunksOf, endOf, outlineOf, read, type Written } from './a-log.test-data.ts';
import { AHEAD, BACK, type LogLine } from './line-splitter.ts';
import { LogBuffer } from './log-buffer.ts';
import { type LogPart, linesOf, partsOf, rangeOf, splitEnd } from './log-part.ts';
import { RowHeights } from './row-heights.ts';
import { MOST_CHARACTERS, MOST_LINES, WholeLog } from './whole-log.ts';

// Properties over whole logs, on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

const part = (from: number, to: number): LogPart => ({
  from,
  to,
  dropped: 0,
  counted: { stdout: null, stderr: null },
  rows: {},
  lines: null,
});

/** What is read at once, from the beginning to the end. */
function allAtOnce(chunks: readonly LogChunk[]): LogLine[] {
  const buffer = new LogBuffer();
  buffer.take(chunks, endOf(chunks), true);
  return [...buffer.lines];
}

const seen = (lines: readonly LogLine[]) => lines.map(({ position, stream, text, gap }) => ({ position, stream, text, gap }));

const stream = fc.constantFrom('stdout' as const, 'stderr' as const);
/** Below what is read beyond a part: a line that pauses for longer is another test's. In characters. */
const ORDINARY_LINE = 8000;
/** Lines that go over several pieces, with the other stream between them; made short, for drawing until all happen to be takes minutes. */
const ordinary: fc.Arbitrary<Written[]> = fc
  .array(
    fc.record({
      stream,
      texts: fc.array(
        fc.oneof(
          fc.constantFrom('\n', 'ä€😀\n', '\r\n', '\x1b[31mred\x1b[0m'),
          fc.nat(2500).map((length) => 'x'.repeat(length)),
        ),
        { maxLength: 8 },
      ),
    }),
    { minLength: 60, maxLength: 120 },
  )
  .map((written) => {
    const open = { stdout: 0, stderr: 0 };
    return written.map(({ stream: of, texts }) => {
      const text = texts.map((piece) => {
        const ended = open[of] + piece.length < ORDINARY_LINE ? piece : `\n${piece}`;
        open[of] = ended.endsWith('\n') ? 0 : ended === piece ? open[of] + piece.length : piece.length;
        return ended;
      });
      return { stream: of, text: text.join('') };
    });
  });
/** Lines that are longer than what is read beyond a part, streams that are silent for longer, and gaps. */
const extreme: fc.Arbitrary<Written[]> = fc.array(
  fc.oneof(
    fc.record({
      stream,
      text: fc.tuple(fc.nat(200_000), fc.constantFrom('', '\n', 'a\nb', '\n\n')).map(([length, end]) => 'y'.repeat(length) + end),
    }),
    fc.record({ stream, dropped: fc.integer({ min: 1, max: 200_000 }) }),
  ),
  { minLength: 3, maxLength: 14 },
);
const borders = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });

/** Parts with borders anywhere, none shorter than what is read beyond it. */
function cut(end: number, at: readonly number[]): LogPart[] {
  const places = [...new Set(at.map((one) => (end === 0 ? 0 : one % end)))].sort((a, b) => a - b);
  const kept: number[] = [0];
  for (const place of places) if (place - (kept.at(-1) ?? 0) >= BACK + AHEAD && end - place >= BACK + AHEAD) kept.push(place);
  return kept.map((from, index) => part(from, kept[index + 1] ?? end));
}

const linesOfParts = (parts: readonly LogPart[], chunks: readonly LogChunk[]) =>
  parts.flatMap((one) => {
    const { after, before } = rangeOf(one);
    return linesOf(one, between(chunks, after, before));
  });

describe('a log that is read in parts', () => {
  it('has the lines that it has when it is read at once', () => {
    fc.assert(
      fc.property(ordinary, borders, (written, at) => {
        const chunks = chunksOf(written);
        const whole = linesOfParts(cut(endOf(chunks), at), chunks);
        const paused = whole.length !== allAtOnce(chunks).length;
        if (!paused) expect(seen(whole)).toEqual(seen(allAtOnce(chunks)));
        expect(bytesOf(whole)).toEqual(bytesOf(allAtOnce(chunks)));
      }),
      { numRuns: 60 },
    );
  });

  it('has every byte in exactly one line, however long lines and silences are and wherever its borders lie', () => {
    fc.assert(
      fc.property(extreme, borders, (written, at) => {
        const chunks = chunksOf(written);
        const lines = linesOfParts(cut(endOf(chunks), at), chunks);
        expect(bytesOf(lines)).toEqual(bytesOf(allAtOnce(chunks)));
        const places = lines.map(({ position }) => position);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      }),
      { numRuns: 80 },
    );
  });

  it('begins its live end as a part does, and that end as it grows has the lines of a part', () => {
    fc.assert(
      fc.property(extreme, borders, (written, at) => {
        const chunks = chunksOf(written);
        const parts = cut(endOf(chunks), at);
        const last = parts.at(-1);
        if (!last) return;
        const buffer = new LogBuffer(last.from);
        for (const chunk of between(chunks, buffer.position, endOf(chunks))) buffer.take([chunk], 0, false);
        buffer.take([], endOf(chunks), true);
        expect(bytesOf([...linesOfParts(parts.slice(0, -1), chunks), ...buffer.lines])).toEqual(bytesOf(allAtOnce(chunks)));
      }),
      { numRuns: 100 },
    );
  });
});

/** How much of each stream the lines show, and all of its letters. */
function bytesOf(lines: readonly LogLine[]) {
  const of = (wanted: 'stdout' | 'stderr') =>
    lines
      .filter(({ stream: one, gap }) => one === wanted && !gap)
      .map(({ text }) => text)
      .join('');
  return { stdout: of('stdout'), stderr: of('stderr') };
}

describe('the whole log', () => {
  const long = chunksOf(
    Array.from({ length: 120 }, (_, n) => ({ stream: 'stdout' as const, text: `line ${n} ${'x'.repeat(n % 90)}\n`.repeat(100) })),
  );

  const outline = outlineOf(long, 128 * 1024);

  it('has the same rows in whatever order its parts are read, let go and read again', () => {
    const expected = seen(allAtOnce(long));
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (order) => {
        const { parts, start } = splitEnd(outline, 200_000);
        const buffer = new LogBuffer(start);
        buffer.take(between(long, buffer.position, endOf(long)), endOf(long), true);
        const log = new WholeLog(buffer, parts, new RowHeights());
        for (const number of order) {
          const one = log.parts[number % log.parts.length];
          if (one?.lines) log.letGo(one);
          else if (one) read(log, one, long);
        }
        for (const one of log.parts) read(log, one, long);
        const lines = Array.from({ length: log.last + 1 }, (_, index) => log.section(index).lines ?? []).flat();
        expect(seen(lines)).toEqual(expected);
        expect(log.count()).toEqual({ lines: expected.length, exact: true });
      }),
      { numRuns: 8 },
    );
  });

  it('knows how tall all of it is before it is read, where lines are counted and not wrapped', () => {
    const { parts, start } = splitEnd(outlineOf(long, 128 * 1024), 0);
    const buffer = new LogBuffer(start);
    buffer.take(between(long, buffer.position, endOf(long)), endOf(long), true);
    const log = new WholeLog(buffer, parts, new RowHeights());
    const guessed = log.height;
    for (const one of log.parts) read(log, one, long);
    expect(Math.abs(log.height - guessed)).toBeLessThanOrEqual(20 * log.parts.length);
  });

  it('holds no more than its bound, whatever was looked at and however much is written', () => {
    const buffer = new LogBuffer();
    const log = new WholeLog(buffer, [], new RowHeights());
    const text = 'line\n'.repeat(10_000);
    const bytes = new TextEncoder().encode(text);
    for (let n = 0; n < 25; n++) {
      const [chunk] = chunksOf([{ stream: 'stdout', text }], n * bytes.length);
      if (chunk) buffer.take([chunk], 0, false);
      log.settleEnd();
      log.look([log.last]);
      expect(log.held.lines).toBeLessThanOrEqual(MOST_LINES);
      expect(log.held.characters).toBeLessThanOrEqual(MOST_CHARACTERS);
      expect(buffer.position - buffer.start).toBeLessThanOrEqual(2 * AHEAD + 5);
    }
    expect(log.count().lines).toBe(250_000);
    expect(log.height).toBe(250_000 * 20);
    for (let index = 1; index < log.parts.length; index++) expect(log.parts[index]?.from).toBe(log.parts[index - 1]?.to);
  });

  it('shows of one stream what that one wrote, and knows beforehand where there is any', () => {
    const chunks = chunksOf(
      Array.from({ length: 300 }, (_, n) => ({
        stream: n === 150 ? ('stderr' as const) : ('stdout' as const),
        text: `${n}\n`.repeat(500),
      })),
    );
    const log = new WholeLog(new LogBuffer(endOf(chunks)), partsOf(outlineOf(chunks, 64 * 1024)), new RowHeights());
    log.show('stderr');
    expect(log.height).toBe(500 * 20);
    for (const one of log.parts) read(log, one, chunks);
    const lines = log.parts.flatMap((one) => one.lines ?? []);
    expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: 500 }, () => '150'));
  });
});
