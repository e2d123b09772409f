import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokensOf } from './ansi-tokens.ts';
import { LogBuffer } from './log-buffer.ts';
import { collapse } from './terminal-line.ts';

const AT = '2026-11-23T12:00:00.000Z';

function piece(position: number, data: string | Uint8Array, stream: LogStream = 'stdout'): LogChunk {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  return { position, attempt: 1, stream, at: AT, data: new Uint8Array(bytes), dropped: 0, droppedReason: null };
}
function texts(buffer: LogBuffer): string[] {
  return buffer.lines.map((line) => line.text);
}

describe('the log buffer', () => {
  it('makes lines of pieces, each stream its own', () => {
    const buffer = new LogBuffer();
    buffer.take([piece(0, 'one\ntw'), piece(6, 'warn', 'stderr'), piece(10, 'o\nthree'), piece(17, 'ing\n', 'stderr')], 21, false);
    expect(buffer.lines.map((line) => [line.stream, line.text])).toEqual([
      ['stdout', 'one'],
      ['stdout', 'two'],
      ['stderr', 'warning'],
      ['stdout', 'three'],
    ]);
    expect(buffer.position).toBe(21);
  });

  it('takes nothing twice when a reconnect repeats what is there', () => {
    const buffer = new LogBuffer();
    buffer.take([piece(0, 'hello\nwor')], 9, false);
    buffer.take([piece(0, 'hello\nwor'), piece(6, 'world\n'), piece(12, 'end\n')], 16, true);
    expect(texts(buffer)).toEqual(['hello', 'world', 'end']);
    expect(buffer.complete).toBe(true);
  });

  it('states a gap where it is', () => {
    const buffer = new LogBuffer();
    const gap: LogChunk = { ...piece(4, ''), dropped: 2048, droppedReason: 'the engine rotated its log' };
    buffer.take([piece(0, 'one\n'), gap, piece(2052, 'two\n')], 2056, false);
    expect(texts(buffer)).toEqual(['one', '2 KiB of stdout are missing here: the engine rotated its log', 'two']);
    expect(buffer.lines.map((line) => line.gap)).toEqual([false, true, false]);
  });

  it('does not say how much is missing where nobody knows', () => {
    const buffer = new LogBuffer();
    const gap: LogChunk = { ...piece(4, ''), dropped: 1, droppedReason: 'nobody listened', droppedAtLeast: true };
    // One that retention has joined with what it removed.
    const joined: LogChunk = { ...piece(9, ''), dropped: 2048, droppedReason: 'removed', droppedAtLeast: true };
    buffer.take([piece(0, 'one\n'), gap, piece(5, 'two\n'), joined], 2057, false);
    expect(texts(buffer)).toEqual([
      'one',
      'output of stdout may be missing here: nobody listened',
      'two',
      '2 KiB of stdout and perhaps more are missing here: removed',
    ]);
  });

  it('hands on its oldest lines, and begins behind them', () => {
    const buffer = new LogBuffer();
    const text = Array.from({ length: 20 }, (_, index) => `${index}\n`).join('');
    buffer.take([piece(0, text)], text.length, false);
    expect(buffer.handOn(10).map((line) => line.text)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(texts(buffer)[0]).toBe('10');
    expect(buffer.start).toBe(20);
    expect(buffer.count).toBe(20);
    expect(() => buffer.handOn(10)).toThrow(RangeError);
  });

  it('keeps a progress bar that redraws itself for ever small', () => {
    const buffer = new LogBuffer();
    let position = 0;
    for (let percent = 0; percent < 5000; percent++) {
      const data = `\r\x1b[32mloading ${percent} of 5000\x1b[0m`;
      buffer.take([piece(position, data)], position + data.length, false);
      position += data.length;
    }
    expect(buffer.lines).toHaveLength(1);
    expect(buffer.lines[0]?.text.length).toBeLessThan(20_000);
    expect(
      tokensOf(buffer.lines[0]?.text ?? '', '')
        .map((token) => token.text)
        .join(''),
    ).toBe('loading 4999 of 5000');
  });

  it('any cut of any text into pieces, with any repetition, gives the same lines', () => {
    const text = fc
      .array(fc.constantFrom('ä', '€', '😀', 'a', '\n', '\r\n', '\x1b[31m', '日本', ' '), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 6 }), (whole, cuts, replays) => {
        const bytes = new TextEncoder().encode(whole);
        const at = [...new Set([0, bytes.length, ...cuts.map((cut) => (bytes.length === 0 ? 0 : cut % bytes.length))])].sort(
          (a, b) => a - b,
        );
        const pieces = at.slice(0, -1).map((from, index) => piece(from, bytes.slice(from, at[index + 1])));
        const expected = new LogBuffer();
        expected.take([piece(0, bytes)], bytes.length, true);
        const buffer = new LogBuffer();
        for (const [index, one] of pieces.entries()) {
          buffer.take([one], one.position + one.data.length, false);
          // A reconnect may bring anything again that was taken before.
          for (const replay of replays) {
            const again = pieces[replay % (index + 1)];
            if (again) buffer.take([again], 0, false);
          }
        }
        buffer.take([], bytes.length, true);
        expect(texts(buffer)).toEqual(texts(expected));
        expect(buffer.position).toBe(bytes.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a line as a terminal shows it', () => {
  it.each([
    ['10%\r20%\r100%', '100%'],
    ['longer\rab', 'abnger'],
    ['longer\r\x1b[Kab', 'ab'],
    ['abc\b\bX', 'aXc'],
    ['crlf\r', 'crlf'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1b[2J\x1b[Hclean', 'clean'],
    ['a\x1b[3Cb', 'a   b'],
    ['cut \x1b[3', 'cut '],
  ])('%j is %j', (text, seen) => {
    expect(collapse(text)).toBe(seen);
  });

  it('keeps colours, carries them from the line before, and is text, never HTML', () => {
    expect(tokensOf('\x1b[31mred\x1b[1mbold\x1b[0m plain <b>', '')).toEqual([
      { text: 'red', className: 'ansi-red-fg' },
      { text: 'bold', className: 'font-semibold ansi-red-fg' },
      { text: ' plain <b>', className: '' },
    ]);
    expect(tokensOf('still green', '\x1b[32m')).toEqual([{ text: 'still green', className: 'ansi-green-fg' }]);
    expect(tokensOf('\x1b[38;5;208morange', '')[0]?.color).toBe('rgb(255, 135, 0)');
  });
});

it('knows every line by its place, whatever its pieces are and wherever it begins', () => {
  const text = 'one\nzwei ü\n\nlast';
  const bytes = new TextEncoder().encode(text);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), fc.nat(1000), (cuts, start) => {
      const buffer = new LogBuffer(start);
      const ends = [...cuts, bytes.length].sort((a, b) => a - b);
      let from = 0;
      for (const end of ends) {
        if (end > from) buffer.take([piece(start + from, bytes.slice(from, end))], start + end, false);
        from = Math.max(from, end);
      }
      expect(texts(buffer)).toEqual(['one', 'zwei ü', '', 'last']);
      expect(buffer.lines.map(({ position }) => position - start)).toEqual([0, 4, 12, 13]);
      expect(buffer.count).toBe(4);
    }),
  );
});
