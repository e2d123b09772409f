'use client';
import { type ClipboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { api } from '../../../lib/api.ts';
import { MOST_COPIED, readText, type Selected, selectedIn, selectedRows, selectedText } from './log-selection.ts';
import type { DrawnRow, Frame } from './log-window.ts';
import type { WholeLog } from './whole-log.ts';

/** The rows that a selection begins and ends in stay elements wherever they are: else the browser would forget it. */
export function useKeptRows(rows: RefObject<HTMLElement | null>, frame: Frame | undefined): ReadonlyMap<number, DrawnRow> {
  const drawn = useRef(new Map<number, DrawnRow>());
  const kept = useRef(new Map<number, DrawnRow>());
  drawn.current = new Map(frame?.rows.map((row) => [row.line.position, row]));
  useEffect(() => {
    const changed = () => {
      const next = new Map<number, DrawnRow>();
      for (const element of rows.current ? selectedRows(rows.current) : []) {
        const position = Number(element.dataset.line);
        const row = drawn.current.get(position) ?? kept.current.get(position);
        if (row) next.set(position, row);
      }
      kept.current = next;
    };
    document.addEventListener('selectionchange', changed);
    return () => document.removeEventListener('selectionchange', changed);
  }, [rows]);
  return kept.current;
}

/** Copies what is selected with all that lies between, also what is not in sight or not held. */
export function useLogCopy(
  log: WholeLog | null,
  rows: RefObject<HTMLElement | null>,
  run: { workspace: string; id: string },
): { copy: (event: ClipboardEvent) => void; copyProblem: string | null } {
  const { workspace, id } = run;
  const [copyProblem, setCopyProblem] = useState<string | null>(null);
  const copy = useCallback(
    (event: ClipboardEvent) => {
      const selected = rows.current && selectedIn(rows.current);
      if (!selected || log === null) return;
      event.preventDefault();
      const text = selectedText(selected, log);
      if (text !== null) event.clipboardData.setData('text/plain', text);
      setCopyProblem(null);
      if (text === null) void copyUnread(log, selected, { workspace, id }).then(setCopyProblem);
    },
    [log, rows, workspace, id],
  );
  return { copy, copyProblem };
}

/** Why it could not be copied; null where it was. */
async function copyUnread(
  { filter }: WholeLog,
  selected: Selected,
  { workspace, id }: { workspace: string; id: string },
): Promise<string | null> {
  const { first, last } = selected;
  if (last - first > MOST_COPIED || !navigator.clipboard) {
    return 'This is too much to be copied here; download the log instead.';
  }
  try {
    const range = { after: first, before: last, stream: filter === 'all' ? undefined : filter };
    await navigator.clipboard.writeText(readText(selected, await api.readLog(workspace, id, range)));
    return null;
  } catch {
    return 'It could not be copied; try again.';
  }
}
