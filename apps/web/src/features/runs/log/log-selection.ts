/** What is selected in a log whose rows are elements only while they are in sight. */
import type { LogChunk } from '@berth/shared/events/console-socket';
import { tokensOf } from './ansi-tokens.ts';
import type { LogLine } from './line-splitter.ts';
import { linesOf } from './log-part.ts';
import type { WholeLog } from './whole-log.ts';

/** More than this is not for a clipboard: it is downloaded. */
export const MOST_COPIED = 32 * 1024 * 1024;

export interface Selected {
  /** Places of the lines that it begins and ends in. */
  first: number;
  last: number;
  /** What is selected of the first line and of the last. */
  head: string;
  tail: string;
}

const rowOf = (node: Node): HTMLElement | null => (node instanceof Element ? node : node.parentElement)?.closest('[data-line]') ?? null;

/** Both ends of a selection, as far as they are in rows of the log. */
export function selectedRows(rows: Element): HTMLElement[] {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed) return [];
  return [selection.anchorNode, selection.focusNode].flatMap((node) => {
    const row = node && rows.contains(node) ? rowOf(node) : null;
    return row ? [row] : [];
  });
}

/** Null where nothing is selected, or no more than one line: the browser knows that itself. */
export function selectedIn(rows: Element): Selected | null {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0 || selectedRows(rows).length < 2) return null;
  const range = selection.getRangeAt(0);
  const [begin, end] = [rowOf(range.startContainer), rowOf(range.endContainer)];
  const [beginText, endText] = [begin?.querySelector('[data-text]'), end?.querySelector('[data-text]')];
  if (!begin || !end || begin === end || !beginText || !endText) return null;
  const head = range.cloneRange();
  head.setEnd(beginText, beginText.childNodes.length);
  const tail = range.cloneRange();
  tail.setStart(endText, 0);
  return { first: Number(begin.dataset.line), last: Number(end.dataset.line), head: head.toString(), tail: tail.toString() };
}

const shownText = ({ text, style, gap }: LogLine): string =>
  gap
    ? `⋯ ${text} ⋯`
    : tokensOf(text, style)
        .map((token) => token.text)
        .join('');

function joined({ head, tail, first }: Selected, lines: readonly LogLine[]): string {
  return [head, ...lines.filter(({ position }) => position > first).map(shownText), tail].join('\n');
}

/** Null where some of it is not held. */
export function selectedText(selected: Selected, log: WholeLog): string | null {
  const lines = log.between(selected.first, selected.last);
  return lines && joined(selected, lines);
}

/** From the bytes between its ends. */
export function readText(selected: Selected, chunks: readonly LogChunk[]): string {
  return joined(selected, linesOf({ from: selected.first, to: selected.last }, chunks));
}
