import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { between, chunksOf, endOf, outlineOf, read } from './a-log.test-data.ts';
import { LogBuffer } from './log-buffer.ts';
import { partsOf, splitEnd } from './log-part.ts';
import { type Frame, LogWindow, PADDING } from './log-window.ts';
import { RowHeights } from './row-heights.ts';
import { scrollScale, TALLEST } from './scroll-scale.ts';
import { WholeLog } from './whole-log.ts';

// Properties over whole logs, on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

const VIEW = 600;
const chunks = chunksOf(
  Array.from({ length: 80 }, (_, n) => ({
    stream: 'stdout' as const,
    text: Array.from({ length: 100 }, (_, line) => `line ${n * 100 + line} ${'x'.repeat((n * 7 + line) % 200)}\n`).join(''),
  })),
);

const outline = outlineOf(chunks, 128 * 1024);

/** A browser, as far as it matters: it scrolls where it is told to, within what there is. */
class Page {
  readonly log: WholeLog;
  readonly window: LogWindow;
  frame: Frame;
  #top = 0;

  constructor(columns: number | null) {
    const { parts, start } = splitEnd(outline, 50_000);
    const buffer = new LogBuffer(start);
    buffer.take(between(chunks, buffer.position, endOf(chunks)), endOf(chunks), true);
    const heights = new RowHeights();
    heights.wrapAt(columns);
    this.log = new WholeLog(buffer, parts, heights);
    this.window = new LogWindow(this.log);
    this.window.resized(VIEW);
    this.frame = this.draw();
  }

  draw(resting = true): Frame {
    this.frame = this.window.frame(resting);
    this.#top = Math.max(0, Math.min(this.frame.height - VIEW, this.frame.top));
    return this.frame;
  }

  scroll(by: number): void {
    this.scrollTo(this.#top + by);
  }

  scrollTo(top: number): void {
    this.#top = Math.max(0, Math.min(this.frame.height - VIEW, top));
    this.window.scrolled(this.#top);
    this.draw(false);
  }

  /** Reads what is wanted until all in sight is there. */
  settle(): void {
    for (let round = 0; this.frame.wanted.length > 0 && round < 50; round++) {
      const [part] = this.frame.wanted;
      if (part) read(this.log, part, chunks);
      this.draw();
    }
    expect(this.frame.holes).toEqual([]);
  }

  /** Rows in sight with their places on the screen. */
  get inSight() {
    return this.frame.rows
      .map(({ line, top }) => ({ text: line.text, y: top - this.#top, height: this.log.heights.of(line) }))
      .filter(({ y, height }) => y + height > 0 && y < VIEW);
  }
}

/** A browser scrolls by whole pixels. */
function isSame(y: number | undefined, before: number | undefined): void {
  expect(Math.abs((y ?? Number.NaN) - (before ?? Number.NaN))).toBeLessThanOrEqual(0.5);
}

/** Rows follow each other without a gap, and fill what is in sight. */
function isWhole(page: Page): void {
  const rows = page.inSight;
  expect(rows.length).toBeGreaterThan(0);
  for (const [index, { y }] of rows.entries()) {
    const before = rows[index - 1];
    if (before) expect(y).toBeCloseTo(before.y + before.height, 3);
  }
}

describe('the window over a log', () => {
  it('is at the end first, and at the beginning after Home', () => {
    const page = new Page(null);
    expect(page.window.follow).toBe(true);
    expect(page.inSight.at(-1)?.text).toMatch(/^line 7999 /);
    expect(page.inSight.at(-1)?.y).toBe(VIEW - PADDING - 20);
    page.scrollTo(0);
    page.settle();
    expect(page.window.follow).toBe(false);
    expect(page.inSight[0]).toMatchObject({ text: 'line 0 ', y: PADDING });
  });

  it('shows the line that was asked for in the middle, wherever it is, and it stays there while all around it is read', () => {
    fc.assert(
      fc.property(fc.nat(7_999), fc.constantFrom(null, 40, 120), (number, columns) => {
        const page = new Page(columns);
        const chunk = chunks[Math.floor(number / 100)];
        const text = new TextDecoder().decode(chunk?.data);
        const position = (chunk?.position ?? 0) + text.indexOf(`line ${number} `);
        page.window.goTo(position);
        page.draw();
        page.settle();
        const row = page.inSight.find(({ text: one }) => one.startsWith(`line ${number} `));
        expect(row).toBeDefined();
        isWhole(page);
        const before = row?.y;
        for (const part of page.log.parts) read(page.log, part, chunks);
        page.draw();
        const after = page.inSight.find(({ text: one }) => one.startsWith(`line ${number} `))?.y;
        isSame(after, before);
      }),
      { numRuns: 15 },
    );
  });

  it('shows the line that was asked for before anything of the log was there', () => {
    const buffer = new LogBuffer();
    const window = new LogWindow(new WholeLog(buffer, [], new RowHeights()));
    window.resized(VIEW);
    window.frame(true);
    window.goTo(chunks[5]?.position ?? 0);
    window.frame(true);
    for (const chunk of chunks.slice(0, 12)) {
      buffer.take([chunk], 0, false);
      window.frame(true);
    }
    const frame = window.frame(true);
    const row = frame.rows.find(({ line }) => line.position === chunks[5]?.position);
    expect((row?.top ?? 0) - frame.top).toBe(VIEW / 2);
  });

  it('never moves the row that is read, whatever is read, measured or let go elsewhere', () => {
    const deeds = fc.array(fc.tuple(fc.constantFrom('read', 'measure', 'letGo', 'rest'), fc.nat(), fc.integer({ min: 18, max: 90 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }), fc.constantFrom(null, 40, 120), deeds, (share, columns, list) => {
        const page = new Page(columns);
        page.scrollTo(page.frame.height * share);
        page.settle();
        const first = page.inSight.find(({ y }) => y >= 0);
        const upper = page.inSight[0];
        for (const [deed, number, height] of list) {
          const part = page.log.parts[number % page.log.parts.length];
          const sections = new Set(page.frame.rows.map(({ section }) => section));
          if (deed === 'read' && part) read(page.log, part, chunks);
          if (deed === 'letGo' && part && !sections.has(page.log.parts.indexOf(part))) page.log.letGo(part);
          // Of those that are drawn above what is in sight.
          const above = page.frame.rows.filter(
            ({ line }) => line.text !== upper?.text && !page.inSight.some(({ text }) => text === line.text),
          );
          const row = above[number % Math.max(1, above.length)];
          if (deed === 'measure' && row) page.log.measured(row.section, row.line, height);
          page.draw(deed === 'rest');
          isSame(page.inSight.find(({ text }) => text === first?.text)?.y, first?.y);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('does not move the row that is read by parts of pixels, however often the scroll bar is set right', () => {
    const page = new Page(null);
    page.scrollTo(page.frame.height / 2);
    page.settle();
    const first = page.inSight.find(({ y }) => y >= 0);
    for (let round = 0; round < 20; round++) {
      const above = page.frame.rows[round % 5];
      if (above) page.log.measured(above.section, above.line, 20.3 + round / 100);
      page.draw();
      expect(page.inSight.find(({ text }) => text === first?.text)?.y).toBeCloseTo(first?.y ?? Number.NaN, 6);
    }
  });

  it('is where it was for a reader who goes far away and back by as much, whatever was read on the way', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.integer({ min: -8_000, max: 8_000 }), (share, by) => {
        const page = new Page(null);
        page.scrollTo(Math.round(page.frame.height * share));
        page.settle();
        const first = page.inSight.find(({ y }) => y >= 0);
        page.scroll(by);
        page.settle();
        page.scroll(-by);
        page.settle();
        isSame(page.inSight.find(({ text }) => text === first?.text)?.y, first?.y);
      }),
      { numRuns: 50 },
    );
  });

  it('reaches every line by small steps, up and down, with whatever it guessed wrong', () => {
    for (const columns of [null, 50]) {
      const page = new Page(columns);
      const numbers = new Set<number>();
      page.scrollTo(0);
      for (let step = 0; step < 20_000; step++) {
        page.settle();
        isWhole(page);
        for (const { text } of page.inSight) numbers.add(Number(text.split(' ')[1]));
        if (page.window.follow) break;
        page.scroll(VIEW * 0.8);
      }
      expect(numbers.size).toBe(8_000);
      for (let step = 0; step < 200; step++) page.scroll(-VIEW / 2);
      page.settle();
      isWhole(page);
    }
  });

  it('lets go of the end when the reader goes up, and takes hold of it at the end again', () => {
    const page = new Page(null);
    page.scroll(-200);
    expect(page.window.follow).toBe(false);
    page.scroll(300);
    expect(page.window.follow).toBe(true);
  });
});

describe('a log that is taller than a browser draws', () => {
  it('is scrolled by a scale that has both ends, grows, and turns back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8_000_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, share) => {
        const scale = scrollScale(total);
        expect(scale.height).toBe(Math.min(total, TALLEST));
        expect([scale.toScroll(0), scale.toScroll(total)]).toEqual([0, scale.height]);
        const offset = total * share;
        expect(scale.toLog(scale.toScroll(offset))).toBeCloseTo(offset, 2);
        expect(scale.toScroll(offset)).toBeLessThanOrEqual(scale.toScroll(Math.min(total, offset + 1000)) + 1e-6);
      }),
    );
  });

  it('goes on line by line in its middle, and comes to both of its ends', () => {
    // Fifty million lines, of which none is read but those in sight.
    const size = 128 * 1024;
    const lines = size / 16;
    const text = `${'x'.repeat(15)}\n`.repeat(lines);
    const parts = Array.from({ length: 6_250 }, (_, n) => ({ position: n * size, lastAt: '', stdout: lines, stderr: 0, dropped: 0 }));
    const huge = { parts, step: size, bytes: parts.length * size, complete: true };
    const buffer = new LogBuffer(huge.bytes);
    const log = new WholeLog(buffer, partsOf(huge), new RowHeights());
    const window = new LogWindow(log);
    window.resized(VIEW);
    const settle = () => {
      let frame = window.frame(true);
      for (let round = 0; frame.wanted.length > 0 && round < 20; round++) {
        for (const part of frame.wanted) {
          const index = Math.max(0, Math.floor(part.from / size) - 1);
          const near = chunksOf(
            Array.from({ length: 3 }, () => ({ stream: 'stdout' as const, text })),
            index * size,
          );
          read(log, part, near);
        }
        frame = window.frame(true);
      }
      return frame;
    };
    settle();
    expect(log.height).toBe(6_250 * lines * 20);
    window.scrolled(TALLEST / 2);
    let frame = settle();
    expect(frame.height).toBe(TALLEST);
    const middle = frame.rows.find(({ top }) => top >= frame.top)?.line.position ?? 0;
    expect(middle / huge.bytes).toBeCloseTo(0.5, 2);
    // Away and back by as much, where a pixel of the scroll bar is many of the log.
    const { top } = frame;
    window.scrolled(top - 5_000);
    expect(settle().top).toBe(top - 5_000);
    window.scrolled(top);
    frame = settle();
    expect(frame.rows.find((row) => row.top >= frame.top)?.line.position).toBe(middle);
    // By wheel it is the rows that move by as much, at once or in pieces.
    window.scrolled(top - 5_000, true);
    frame = settle();
    expect((middle - (frame.rows.find((row) => row.top >= frame.top)?.line.position ?? 0)) / 16).toBeCloseTo(5_000 / 20, 0);
    for (const step of [3_000, 1_900, 100]) {
      window.scrolled(frame.top + step, true);
      frame = settle();
    }
    expect(frame.rows.find((row) => row.top >= frame.top)?.line.position).toBe(middle);
    for (let step = 0; step < 100; step++) {
      window.scrolled(frame.top + 100);
      frame = settle();
    }
    // A hundred steps of five rows are five hundred lines, not five hundred times the scale.
    const now = frame.rows.find(({ top }) => top >= frame.top)?.line.position ?? 0;
    expect(Math.abs((now - middle) / 16 - 500)).toBeLessThanOrEqual(100);
    window.scrolled(0);
    frame = settle();
    expect(frame.rows[0]).toMatchObject({ line: { position: 0 }, top: PADDING });
    window.scrolled(TALLEST - VIEW);
    frame = settle();
    expect(frame.rows.at(-1)?.line.position).toBe(huge.bytes - 16);
    window.toStart();
    frame = settle();
    expect(window.follow).toBe(false);
    expect([frame.top, frame.rows[0]]).toMatchObject([0, { line: { position: 0 }, top: PADDING }]);
    window.toEnd();
    frame = settle();
    expect(window.follow).toBe(true);
    expect(frame.rows.at(-1)?.line.position).toBe(huge.bytes - 16);
  });
});
