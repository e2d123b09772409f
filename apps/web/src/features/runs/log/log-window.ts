/**
 * What of a log is in sight, and where in what is scrolled it is drawn. No browser is needed for it: how far was scrolled is told,
 * and how far is to be scrolled is answered.
 *
 * Invariant: the place of the anchor row is what all other rows are laid out from, upwards and downwards. So nothing that is found out about
 * rows elsewhere (they are read, measured, or turn out to be more than was guessed) moves the row that is read.
 */
import type { LogLine } from './line-splitter.ts';
import type { LogPart } from './log-part.ts';
import { scrollScale } from './scroll-scale.ts';
import type { WholeLog } from './whole-log.ts';

/** Above the first row and below the last one. */
export const PADDING = 8;
/** Drawn beyond each edge of what is in sight. */
const BEYOND = 300;
/** Who scrolls less than so many times what is in sight moves the rows; who drags the scroll bar further goes to another place. */
const JUMP = 3;
/** This near to the end the reader counts as being there. */
const NEAR_END = 24;

export interface DrawnRow {
  line: LogLine;
  section: number;
  top: number;
}
/** Rows that are not held yet. */
export interface DrawnHole {
  from: number;
  top: number;
  height: number;
}
export interface Frame {
  rows: readonly DrawnRow[];
  holes: readonly DrawnHole[];
  /** Of what is scrolled. */
  height: number;
  /** How far it is to be scrolled. */
  top: number;
  /** In sight and not held, the nearest to the middle first. */
  wanted: readonly LogPart[];
}

interface Anchor {
  position: number;
  /** Where the row in which that place lies is drawn; of rows that are not read yet, where the share of them that lies above it ends. */
  y: number;
  /**
   * Of rows that were not read when the reader came there, how much of their height lies above, 0 to 1; null for a row. Where in them a row is
   * cannot be known by places (lines are not of a length), so they are laid out by this once they are read: what lies around them stays, and who
   * scrolls back by as much is where they were.
   */
  share: number | null;
}
interface Spot {
  section: number;
  /** Of the line in its section; 0 where its lines are not held. */
  index: number;
  top: number;
}

export class LogWindow {
  #anchor: Anchor = { position: 0, y: PADDING, share: null };
  #top = 0;
  #view = 0;
  #follow = true;
  /** The place that was asked for, until its row is there. */
  #sought: number | null = null;
  /** Of the last frame: what the reader sees has that height. */
  #drawn = 0;

  constructor(readonly log: WholeLog) {}

  get follow(): boolean {
    return this.#follow;
  }
  get top(): number {
    return this.#top;
  }

  resized(view: number): void {
    this.#view = view;
  }

  /** The reader has scrolled there; `relative`: by so much from here, however far that is, and not to a place of the scroll bar. */
  scrolled(top: number, relative = false): void {
    const moved = top - this.#top;
    // A browser rounds.
    if (Math.abs(moved) < 1) return;
    this.#top = top;
    this.#sought = null;
    const atEnd = this.#drawn - top - this.#view < NEAR_END;
    if (atEnd && moved > 0) this.#follow = true;
    else if (moved < -1 && !atEnd) this.#follow = false;
    if (this.#follow) return;
    if (!relative && Math.abs(moved) > JUMP * this.#view) this.#jump(this.#scale().toLog(top));
    else this.#anchorInSight();
  }

  /** Shows the row of a place in the middle. */
  goTo(position: number): void {
    this.#follow = false;
    this.#sought = position;
    this.#centre(position);
  }

  #centre(position: number): void {
    const { height, toScroll } = this.#scale();
    const y = toScroll(this.#offsetOf(position));
    this.#anchor = { position, y, share: null };
    this.#top = Math.round(Math.max(0, Math.min(height - this.#view, y - this.#view / 2)));
  }

  toEnd(): void {
    this.#sought = null;
    this.#follow = true;
  }

  toStart(): void {
    this.#sought = null;
    // All of it is in sight: its end is, too.
    if (this.#top < 1) return;
    this.#follow = false;
    this.#top = 0;
    this.#jump(0);
  }

  stay(): void {
    if (this.#follow) this.#anchorInSight();
    this.#follow = false;
  }

  /** `resting`: the reader does not scroll at the moment, so the scroll bar may be set right. */
  frame(resting: boolean): Frame {
    this.log.settleEnd();
    this.#anchorRead();
    if (this.#follow) this.#holdEnd();
    else if (this.#sought !== null) this.#centre(this.#sought);
    else this.#setRight(resting);
    if (this.#sought !== null && this.log.lineAt(this.#sought)) this.#sought = null;
    this.#drawn = Math.ceil(this.#scale().height);
    const { looked, ...drawn } = this.#draw();
    this.log.look(looked);
    return { ...drawn, height: this.#drawn, top: this.#top };
  }

  #scale() {
    return scrollScale(this.log.height + 2 * PADDING);
  }

  /** Where the row of a place is in the whole log, in pixels. */
  #offsetOf(position: number): number {
    const { section, index } = this.#find(position);
    const { from, to, lines, height } = this.log.section(section);
    const begin = PADDING + this.log.offsetOf(section);
    if (lines === null) return begin + (height * (position - from)) / (to - from);
    let offset = begin;
    for (let at = 0; at < index; at++) offset += this.#height(lines[at]);
    return offset;
  }

  #find(position: number): { section: number; index: number } {
    const section = this.log.indexOf(position);
    const { lines } = this.log.section(section);
    return { section, index: lines ? this.log.lineIndexAt(lines, position) : 0 };
  }

  #height(line: LogLine | undefined): number {
    return line ? this.log.heights.of(line) : 0;
  }

  /** The last row at the very end. */
  #holdEnd(): void {
    const { height } = this.#scale();
    const { lines, from } = this.log.section(this.log.last);
    const line = lines?.at(-1);
    this.#top = Math.ceil(Math.max(0, height - this.#view));
    this.#anchor = { position: line?.position ?? from, y: height - PADDING - this.#height(line), share: null };
  }

  /** The anchor's own place by what is known by now; what is in sight moves with it, so nothing is seen of that. */
  #setRight(resting: boolean): void {
    const { height, toScroll } = this.#scale();
    const most = Math.max(0, height - this.#view);
    // At an end the scroll bar can be at its stop while rows are left.
    const nearEnd = this.#top < 2 * this.#view || this.#top > most - 2 * this.#view;
    if (!resting && !nearEnd) return;
    // By the upper edge: where the scale is not 1, the place of a row that lies above it by some pixels is off by some of them.
    const off = toScroll(this.#anchorOffset() + this.#top - this.#anchor.y) - this.#top;
    // By whole pixels, as a browser scrolls: a rest would show each time, and rests add up. An end is met exactly.
    const moved = nearEnd ? off : Math.round(off);
    this.#top = Math.round(Math.max(0, Math.min(most, this.#top + moved)));
    this.#anchor = { ...this.#anchor, y: this.#anchor.y + moved };
  }

  #jump(offset: number): void {
    const at = Math.max(0, offset - PADDING);
    const index = this.log.indexAt(at);
    this.#anchorIn(index, at - this.log.offsetOf(index), this.#top + at + PADDING - offset);
    if (this.#anchor.share !== null) this.#anchorInSight();
  }

  /** What is at so many pixels of a section becomes the anchor; there, `y` is drawn. */
  #anchorIn(section: number, at: number, y: number): void {
    const { from, to, lines, height } = this.log.section(section);
    if (lines === null) {
      const share = height > 0 ? Math.max(0, Math.min(1, at / height)) : 0;
      this.#anchor = { position: Math.min(to - 1, from + Math.floor(share * (to - from))), y: y - at + share * height, share };
      return;
    }
    let begin = 0;
    for (const [index, line] of lines.entries()) {
      const next = begin + this.#height(line);
      if (next > at || index === lines.length - 1) {
        this.#anchor = { position: line.position, y: y - at + begin, share: null };
        return;
      }
      begin = next;
    }
    this.#anchor = { position: from, y: y - at, share: null };
  }

  /** The rows in which the anchor lies are read by now: one of them is the anchor. */
  #anchorRead(): void {
    const { position, y, share } = this.#anchor;
    if (share === null) return;
    const index = this.log.indexOf(position);
    const { lines, height } = this.log.section(index);
    if (lines !== null) this.#anchorIn(index, share * height, y);
  }

  /** The uppermost row in sight becomes the anchor, where it is; where none is read, what is at the upper edge. */
  #anchorInSight(): void {
    this.#anchorRead();
    const upper = this.#spotAt(this.#top);
    for (let spot: Spot | null = upper; spot && spot.top < this.#top + this.#view; spot = this.#behind(spot)) {
      const line = this.log.section(spot.section).lines?.[spot.index];
      if (!line) continue;
      this.#anchor = { position: line.position, y: spot.top, share: null };
      return;
    }
    this.#anchorIn(upper.section, this.#top - upper.top, this.#top);
  }

  /** Where the anchor is in the whole log, in pixels. */
  #anchorOffset(): number {
    const { position, share } = this.#anchor;
    if (share === null) return this.#offsetOf(position);
    const section = this.log.indexOf(position);
    return PADDING + this.log.offsetOf(section) + share * this.log.section(section).height;
  }

  #anchorSpot(): Spot {
    const { position, y, share } = this.#anchor;
    const { section, index } = this.#find(position);
    const { from, to, lines, height } = this.log.section(section);
    if (lines !== null) return { section, index, top: y };
    return { section, index: 0, top: y - height * (share ?? (position - from) / (to - from)) };
  }

  /** What is drawn at a place of what is scrolled; the first or last of all where that lies beyond. */
  #spotAt(top: number): Spot {
    let spot = this.#anchorSpot();
    for (let up = this.#before(spot); spot.top > top && up; up = this.#before(spot)) spot = up;
    for (let down = this.#behind(spot); down && down.top <= top; down = this.#behind(spot)) spot = down;
    return spot;
  }

  #before({ section, index, top }: Spot): Spot | null {
    const { lines } = this.log.section(section);
    if (lines !== null && index > 0) return { section, index: index - 1, top: top - this.#height(lines[index - 1]) };
    for (let other = section - 1; other >= 0; other--) {
      const { lines: above, height } = this.log.section(other);
      if (above === null && height > 0) return { section: other, index: 0, top: top - height };
      const last = above?.at(-1);
      if (above && last) return { section: other, index: above.length - 1, top: top - this.#height(last) };
    }
    return null;
  }

  #behind({ section, index, top }: Spot): Spot | null {
    const here = this.log.section(section);
    const bottom = top + (here.lines === null ? here.height : this.#height(here.lines[index]));
    if (here.lines !== null && index + 1 < here.lines.length) return { section, index: index + 1, top: bottom };
    for (let other = section + 1; other <= this.log.last; other++) {
      const { lines, height } = this.log.section(other);
      if (lines === null ? height > 0 : lines.length > 0) return { section: other, index: 0, top: bottom };
    }
    return null;
  }

  #draw() {
    const rows: DrawnRow[] = [];
    const holes: DrawnHole[] = [];
    const wanted: { part: LogPart; far: number }[] = [];
    const looked = new Set<number>();
    const [above, below] = [this.#top - BEYOND, this.#top + this.#view + BEYOND];
    const middle = this.#top + this.#view / 2;
    for (let spot: Spot | null = this.#spotAt(above); spot && spot.top < below; spot = this.#behind(spot)) {
      const { section, index, top } = spot;
      const { from, lines, height } = this.log.section(section);
      looked.add(section);
      const line = lines?.[index];
      if (line) rows.push({ line, section, top });
      if (lines !== null) continue;
      const [begin, end] = [Math.max(top, above), Math.min(top + height, below)];
      if (end <= begin) continue;
      holes.push({ from, top: begin, height: end - begin });
      const part = this.log.parts[section];
      if (part) wanted.push({ part, far: Math.max(0, begin - middle, middle - end) });
    }
    const nearest = wanted.sort((a, b) => a.far - b.far).map(({ part }) => part);
    return { rows, holes, wanted: nearest, looked: [...looked] };
  }
}
