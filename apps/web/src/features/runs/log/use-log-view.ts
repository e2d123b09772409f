'use client';
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';
import type { Filter } from './log-part.ts';
import { LogView, type Shown } from './log-view.ts';
import type { OpenLog } from './use-open-log.ts';

interface Options {
  workspace: string;
  run: string;
  filter: Filter;
  wrap: boolean;
  times: boolean;
}

/** Left and right of a line, and between its time and its text. */
const MARGIN = 38;
const TIME_CHARACTERS = 12;
const TIME_GAP = 12;
const PROBE = 50;

/** Characters in a row of the element. */
function columnsIn(element: HTMLElement, times: boolean): number {
  const probe = document.createElement('span');
  probe.textContent = '0'.repeat(PROBE);
  probe.style.cssText = 'position:absolute;visibility:hidden;white-space:pre';
  element.append(probe);
  const width = probe.getBoundingClientRect().width / PROBE;
  probe.remove();
  const text = element.clientWidth - MARGIN - (times ? TIME_CHARACTERS * width + TIME_GAP : 0);
  return Math.max(10, Math.floor(text / Math.max(1, width)));
}

/** What is drawn of an open log in the element that scrolls it; `rows` holds an element a row. */
export function useLogView(
  open: OpenLog | null,
  { workspace, run, filter, wrap, times }: Options,
  scroller: RefObject<HTMLElement | null>,
  rows: RefObject<HTMLElement | null>,
): { view: LogView | null; shown: Shown | null } {
  const [view, setView] = useState<LogView | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);

  useEffect(() => {
    const element = scroller.current;
    if (open === null || element === null) return;
    const made = new LogView(open, { workspace, id: run }, setShown);
    setView(made);
    const detach = made.attach(element);
    return () => {
      detach();
      setView(null);
    };
  }, [open, workspace, run, scroller]);

  useEffect(() => view?.filter(filter), [view, filter]);

  useEffect(() => {
    const element = scroller.current;
    if (view === null || element === null) return;
    const { heights } = view.open.log;
    let last = '';
    const fit = () => {
      const columns = wrap ? columnsIn(element, times && window.matchMedia('(min-width: 40rem)').matches) : null;
      const now = `${columns} ${element.clientWidth}`;
      if (now !== last) heights.wrapAt(columns);
      last = now;
      view.draw();
    };
    const resized = new ResizeObserver(fit);
    resized.observe(element);
    fit();
    return () => resized.disconnect();
  }, [view, wrap, times, scroller]);

  useLayoutEffect(() => {
    if (view === null || shown === null) return;
    view.drawn(shown.frame);
    // Only these can differ from what was expected.
    const drawn = new Map(shown.frame.rows.map((row) => [row.line.position, row]));
    let differs = false;
    for (const element of rows.current?.querySelectorAll<HTMLElement>(':scope > [data-line]') ?? []) {
      const row = drawn.get(Number(element.dataset.line));
      if (!row || !(wrap || row.line.gap)) continue;
      const { height } = element.getBoundingClientRect();
      if (Math.abs(height - view.open.log.heights.of(row.line)) < 0.5) continue;
      view.open.log.measured(row.section, row.line, height);
      differs = true;
    }
    if (differs) view.drawNow();
  }, [view, shown, wrap, rows]);

  return { view, shown };
}
