/** Keeps what is drawn of a log with the element that scrolls it: at most one drawing a frame. */
import { flushSync } from 'react-dom';
import { api } from '../../../lib/api.ts';
import { type Filter, type LogPart, linesOf, rangeOf } from './log-part.ts';
import type { Frame } from './log-window.ts';
import { PartLoader } from './part-loader.ts';
import type { OpenLog } from './use-open-log.ts';

/** For browsers that do not tell of the end of a scroll: it is over when nothing was scrolled for so long. */
const REST_MS = 150;
/** A browser scrolls by and by, and goes on with it for some frames after it was told of another place: no longer than this after the input. */
const CARRY_MS = 1000;

export interface Shown {
  frame: Frame;
  follow: boolean;
  /** Lines that came since the reader has let go of the end. */
  fresh: number;
  problem: string | null;
}

export class LogView {
  #element: HTMLElement | null = null;
  #request: number | null = null;
  /** As far as the element was scrolled when that was looked at last: what differs is the reader's doing. */
  #known = 0;
  #resting = true;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #dragging = false;
  /** By wheel, finger or key: so far from here, not to a place of the scroll bar. Until that scroll has ended. */
  #relative = false;
  #ended = false;
  /** By `performance.now()`: when the reader scrolled last, and until when what is scrolled is a leftover of that and not meant any more. */
  #input = Number.NEGATIVE_INFINITY;
  #leftoverUntil = 0;
  #left = 0;
  #problem: string | null = null;
  #loader: PartLoader;
  #ends: (() => void)[] = [];

  constructor(
    readonly open: OpenLog,
    readonly run: { workspace: string; id: string },
    readonly show: (shown: Shown) => void,
  ) {
    this.#loader = new PartLoader(
      (part, signal) => this.#read(part, signal),
      (error) => {
        this.#problem = error === null ? null : 'This part of the log could not be read; it is tried again.';
        this.draw();
      },
    );
  }

  /** Until the function that it returns is called. */
  attach(element: HTMLElement): () => void {
    this.#element = element;
    const listen = (target: EventTarget, name: string, listener: (event: Event) => void) => {
      target.addEventListener(name, listener, { passive: true });
      this.#ends.push(() => target.removeEventListener(name, listener));
    };
    listen(element, 'scroll', () => this.#scrolled());
    listen(element, 'scrollend', () => this.#rested());
    for (const name of ['wheel', 'touchmove', 'keydown']) {
      listen(element, name, (event) => {
        this.#relative = true;
        if (edgeOf(event) === null) this.#meant();
      });
    }
    // While its thumb is held the scroll bar must not be set: the browser would take it back.
    listen(element, 'pointerdown', (event) => {
      this.#meant();
      this.#dragging = event instanceof PointerEvent && event.target === element && event.offsetX >= element.clientWidth;
      // Where scroll bars take no room of their own, it can only be seen that no row was meant.
      if (event.target === element) this.#relative = false;
    });
    const released = () => {
      if (!this.#dragging) return;
      this.#dragging = false;
      this.draw();
    };
    for (const name of ['pointerup', 'pointercancel', 'blur']) listen(window, name, released);
    listen(window, 'pointermove', (event) => {
      if (event instanceof PointerEvent && event.buttons === 0) released();
    });
    const pressed = (event: KeyboardEvent) => {
      const edge = edgeOf(event);
      if (edge === null) return;
      event.preventDefault();
      this.#toEdge(element, edge);
    };
    element.addEventListener('keydown', pressed);
    this.#ends.push(() => element.removeEventListener('keydown', pressed));
    this.#ends.push(this.open.log.buffer.onChange(() => this.draw()));
    this.draw();
    return () => {
      for (const end of this.#ends.splice(0)) end();
      clearTimeout(this.#rest);
      if (this.#request !== null) cancelAnimationFrame(this.#request);
      this.#request = null;
      this.#loader.close();
      this.#element = null;
    };
  }

  draw = (): void => {
    if (this.#element === null) return;
    this.#request ??= requestAnimationFrame(() => {
      this.#request = null;
      // What a scroll event leads to is to be seen in its own frame.
      flushSync(() => this.drawNow());
    });
  };

  drawNow(): void {
    const element = this.#element;
    if (element === null) return;
    const { window, log } = this.open;
    window.resized(element.clientHeight);
    // Output may come faster than the browser tells of scrolling: a reader who moved up since must not be pulled back.
    const leftover = performance.now() < this.#leftoverUntil;
    if (!leftover && Math.abs(element.scrollTop - this.#known) >= 1) window.scrolled(element.scrollTop, this.#relative);
    if (this.#ended) this.#relative = false;
    this.#ended = false;
    this.#known = element.scrollTop;
    const frame = window.frame(this.#resting && !this.#dragging);
    const made = this.#made(log.filter);
    if (window.follow || log.buffer.position <= this.open.length) this.#left = made;
    this.show({ frame, follow: window.follow, fresh: made - this.#left, problem: this.#problem });
    this.#loader.want(frame.wanted);
  }

  /** The frame is on the page: scrolls to where it is drawn. */
  drawn(frame: Frame): void {
    const element = this.#element;
    if (element === null) return;
    if (Math.abs(element.scrollTop - frame.top) >= 1) element.scrollTop = frame.top;
    this.#known = element.scrollTop;
  }

  filter(filter: Filter): void {
    this.#loader.forget();
    this.open.log.show(filter);
    this.#left = this.#made(filter);
    this.draw();
  }

  goTo(position: number): void {
    this.#leave();
    this.open.window.goTo(position);
    this.draw();
  }

  follow(on: boolean): void {
    if (on) {
      this.#leave();
      this.open.window.toEnd();
    } else this.open.window.stay();
    this.draw();
  }

  /** The reader scrolls: that is what counts from now on. */
  #meant(): void {
    this.#input = performance.now();
    this.#leftoverUntil = 0;
  }

  /** For another place, whatever the browser still scrolls. */
  #leave(): void {
    this.#leftoverUntil = this.#input + CARRY_MS;
  }

  /** At once: a browser scrolls there by and by, and what is drawn meanwhile, of an earlier key too, would stop it where it is. */
  #toEdge(element: HTMLElement, key: 'Home' | 'End'): void {
    this.#leave();
    this.#known = element.scrollTop;
    if (key === 'End') this.open.window.toEnd();
    else this.open.window.toStart();
    flushSync(() => this.drawNow());
  }

  #made(filter: Filter): number {
    const { stdout, stderr } = this.open.log.buffer.made;
    return { all: stdout + stderr, stdout, stderr }[filter];
  }

  #scrolled(): void {
    if (this.#element === null || Math.abs(this.#element.scrollTop - this.#known) < 1) return;
    this.#resting = false;
    if (!('onscrollend' in window)) {
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => this.#rested(), REST_MS);
    }
    this.draw();
  }

  #rested(): void {
    if (this.#resting) return;
    this.#resting = true;
    this.#ended = true;
    this.draw();
  }

  async #read(part: LogPart, signal: AbortSignal): Promise<void> {
    const { filter } = this.open.log;
    const stream = filter === 'all' ? undefined : filter;
    const chunks = await api.readLog(this.run.workspace, this.run.id, { ...rangeOf(part), stream }, signal);
    if (signal.aborted) return;
    this.open.log.hold(part, linesOf(part, chunks), filter);
    this.draw();
  }
}

/** Which end of the log a key asks for. */
function edgeOf(event: Event): 'Home' | 'End' | null {
  if (!(event instanceof KeyboardEvent) || event.altKey || event.metaKey || event.shiftKey) return null;
  return event.key === 'Home' || event.key === 'End' ? event.key : null;
}
