import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RecordTime, recordTimeAt } from '../engine/record-time.ts';
import { MarkedReading, type Place, PlaceSearch, type RecordMark } from './record-place.ts';
import { TailSearch } from './tail-search.ts';

const T0 = Date.parse('2026-11-26T12:00:00Z');
const TAIL = 200;

/** One stream of a record: its messages with their times. */
type Message = { text: string; time: RecordTime };
const written = (messages: readonly Message[]) => messages.map(({ text }) => text).join('');
const message = (text: string, milliseconds: number): Message => ({ text, time: recordTimeAt(T0 + milliseconds) });

const tailOf = (output: string, at: number) => ({ bytes: Buffer.from(output.slice(-TAIL)), at: T0 + at });

/** `base`: bytes before the first of these messages; null: not known. */
function placeIn(record: readonly Message[], here: string, at: number, base: number | null = 0, tail = tailOf(here, at)): Place {
  const search = new PlaceSearch(here.length, tail, base);
  for (const { text, time } of record) search.push(Buffer.from(text), time);
  return search.end(null);
}

function markIn(...args: Parameters<typeof placeIn>): RecordMark {
  const place = placeIn(...args);
  if (!place.found) throw new Error('there is no such place');
  return place.mark;
}

function readFrom(record: readonly Message[], mark: RecordMark): { text: string; mark: RecordMark } {
  const reading = new MarkedReading(mark);
  const parts = record.flatMap(({ text, time }) => {
    const taken = reading.take(Buffer.from(text), time);
    if (taken === null) throw new Error('its message is gone');
    return taken;
  });
  return { text: Buffer.concat(parts).toString(), mark: reading.mark(null) };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => message(`line ${from + index}\n`, (from + index) * 100));

describe('the place in a record where what is here ends', () => {
  it('is behind as many bytes, where the record begins with the first one', () => {
    const all = numbered(0, 50);
    const here = written(all.slice(0, 20));
    expect(readFrom(all, markIn(all, here, 1900)).text).toBe(written(all.slice(20)));
  });

  it('is found by its bytes in a record that was rotated', () => {
    const all = numbered(0, 100);
    const here = written(all.slice(0, 50));
    const left = all.slice(20);
    expect(readFrom(left, markIn(left, here, 4900)).text).toBe(written(all.slice(50)));
    expect(readFrom(left, markIn(left, here, 4900, null)).text).toBe(written(all.slice(50)));
  });

  it('is behind the last whole line, where the engine never recorded what it had sent of the next one', () => {
    const before = numbered(20, 50);
    const after = [message('ended\n', 5100), ...numbered(52, 60)];
    const here = `${written(numbered(0, 50))}line 50 is `;
    expect(readFrom([...before, ...after], markIn([...before, ...after], here, 5000)).text).toBe(written(after));
    const recorded = [message('line 50 is ended\n', 5000), ...numbered(52, 60)];
    expect(readFrom([...before, ...recorded], markIn([...before, ...recorded], here, 5000)).text).toBe(
      `ended\n${written(numbered(52, 60))}`,
    );
  });

  it('is behind as many bytes in a whole record that repeats itself, also where the times are far apart', () => {
    const all = Array.from({ length: 100 }, (_, index) => message('again\n', index * 100));
    const here = written(all.slice(0, 60));
    const search = new PlaceSearch(here.length, tailOf(here, 9000), 0);
    for (const { text, time } of all) search.push(Buffer.from(text), time);
    const place = search.end(null, true);
    expect(place.found && readFrom(all, place.mark).text).toBe(written(all.slice(60)));
  });

  it('is not in a record that has nothing of it any more', () => {
    const all = numbered(0, 100);
    expect(placeIn(all.slice(60), written(all.slice(0, 50)), 4900)).toEqual({ found: false, oldest: all[60]?.time });
  });

  it('is that of the right time among equal ones', () => {
    const all = Array.from({ length: 400 }, (_, index) => message('tick\n', index * 1000));
    const here = written(all.slice(0, 200));
    const left = all.slice(120);
    expect(readFrom(left, markIn(left, here, 199_000)).text).toBe(written(all.slice(200)));
  });

  it('is not that of the right number of bytes at the wrong time', () => {
    const all = Array.from({ length: 400 }, (_, index) => message('tick\n', index * 1000));
    const left = all.slice(60);
    // As many bytes from the beginning of what is left are of a minute later.
    expect(readFrom(left, markIn(left, written(all.slice(0, 100)), 99_000)).text).toBe(written(all.slice(100)));
  });

  it('is that of the right number of bytes among many in the same moment', () => {
    const all = Array.from({ length: 4000 }, () => message('y\n', 0));
    expect(readFrom(all, markIn(all, written(all.slice(0, 1234)), 0)).text).toBe(written(all.slice(1234)));
  });

  it('lies behind the record’s end, where that has not yet taken the beginning of a line', () => {
    const all = numbered(0, 50);
    const here = `${written(all.slice(0, 20))}lin`;
    const mark = markIn(all.slice(0, 20), here, 2000);
    expect(readFrom(all, mark).text).toBe(written(all.slice(20)).slice(3));
    // The same where the number of bytes before is not known, and after the reading was broken off in between.
    const long = numbered(1000, 1050);
    const ahead = `${written(long.slice(0, 20))}line`;
    const unknown = markIn(long.slice(0, 20), ahead, 102_000, null);
    const before = readFrom(long.slice(0, 20), unknown);
    expect(before.text).toBe('');
    expect(readFrom(long, before.mark).text).toBe(written(long.slice(20)).slice(4));
  });

  it('leaves nothing out that follows a beginning which the engine has lost', () => {
    const all = numbered(0, 20);
    const mark = markIn(all, `${written(all)}lin`, 2000);
    expect(readFrom([...all, message('other\n', 9000)], mark).text).toBe('other\n');
    const pieces = [...all, message('l', 9000), message('other\n', 9000)];
    expect(readFrom(pieces, mark).text).toBe('lother\n');
  });

  it('is behind its time, where a killed engine had sent more than it had recorded', () => {
    const all = numbered(0, 20);
    const sent = `${written(all)}${written(numbered(20, 60))}`;
    const later = [...all, message('after\n', 9000)];
    expect(readFrom(later, markIn(later, sent, 5900)).text).toBe('after\n');
  });

  it('where nothing is here is the beginning', () => {
    const all = numbered(0, 5);
    expect(readFrom(all, markIn(all, '', 0, 0, { bytes: Buffer.alloc(0), at: T0 })).text).toBe(written(all));
    expect(readFrom(all, markIn([], '', 0, 0, { bytes: Buffer.alloc(0), at: T0 })).text).toBe(written(all));
  });

  it('where the end of what is here is not known is behind as many bytes', () => {
    const all = numbered(0, 50);
    const here = written(all.slice(0, 20));
    const unknown = { bytes: Buffer.alloc(0), at: null };
    expect(readFrom(all, markIn(all, here, 0, 0, unknown)).text).toBe(written(all.slice(20)));
    // As many bytes of another time are not it: an hour's output was rotated away, and all that is left is new.
    const hour = 3_600_000;
    const left = [message(here, hour), message('later\n', hour + 1)];
    expect(placeIn(left, here, 0, 0, { ...unknown, at: T0 })).toEqual({ found: false, oldest: left[0]?.time });
  });
});

it('a reading that is broken off goes on at its mark, however the messages were cut and however many are of one moment', () => {
  const line = fc.tuple(fc.constantFrom('a\n', 'a\n', 'bb\n', 'a'), fc.constantFrom(0, 0, 1));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(), (lines, cut, stop) => {
      let now = 0;
      const all = lines.map(([text, pause]) => {
        now += pause;
        return message(text, now);
      });
      const whole = written(all);
      const here = whole.slice(0, cut % (whole.length + 1));
      const mark = markIn(all, here, 0);
      const first = readFrom(all.slice(0, stop % (all.length + 1)), mark);
      expect(`${here}${first.text}${readFrom(all, first.mark).text}`).toBe(whole);
    }),
  );
});

it('an engine that gives a file of its record once more is noticed with its first message, whichever that is', () => {
  const all = numbered(0, 30);
  const now = T0 + 3000;
  const reading = new MarkedReading(markIn(all, written(all.slice(0, 10)), 900));
  for (const { text, time } of all) {
    expect(reading.isAgain(time, now)).toBe(false);
    reading.take(Buffer.from(text), time);
  }
  for (const { time } of all) expect(reading.isAgain(time, now)).toBe(true);
  expect(reading.isAgain(null, now)).toBe(false);
  // Of a clock that was set back by a second the next line is earlier, and new.
  expect(reading.isAgain(recordTimeAt(now - 1000), now - 1000)).toBe(false);
  // A line longer than a message comes in several, all of one time.
  const long = message('x'.repeat(20), 5000);
  reading.take(Buffer.from(long.text), long.time);
  expect(reading.isAgain(long.time, T0 + 5000)).toBe(false);
});

it('known bytes are found at every place where they end, and those of them that are last are told', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 });
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 }),
      fc.array(letters, { maxLength: 4 }),
      (wanted, pieces) => {
        const search = new TailSearch(Buffer.from(wanted));
        const found: number[] = [];
        let before = 0;
        for (const piece of pieces) {
          search.push(Buffer.from(piece), (length) => found.push(before + length));
          before += piece.length;
        }
        const whole = pieces.join('');
        const expected = Array.from({ length: whole.length + 1 }, (_, end) => end).filter(
          (end) => end > 0 && whole.slice(0, end).endsWith(wanted),
        );
        expect(found).toEqual(expected);
        const lengths = Array.from({ length: wanted.length }, (_, index) => wanted.length - index);
        expect([...search.overlaps()]).toEqual(lengths.filter((length) => whole.endsWith(wanted.slice(0, length))));
      },
    ),
  );
});
