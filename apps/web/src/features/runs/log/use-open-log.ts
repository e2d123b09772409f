'use client';
import type { LogOutline } from '@berth/shared/http/logs';
import type { Run } from '@berth/shared/model/run';
import { useEffect, useState } from 'react';
import { api } from '../../../lib/api.ts';
import type { Realtime } from '../../../lib/realtime.ts';
import { useRealtime } from '../../../lib/realtime-context.tsx';
import { LogBuffer } from './log-buffer.ts';
import { splitEnd } from './log-part.ts';
import { LogWindow } from './log-window.ts';
import { RowHeights } from './row-heights.ts';
import { WholeLog } from './whole-log.ts';

/** A log up to this length is followed from its beginning; of a longer one, about the last so many bytes. */
const LIVE_BYTES = 512 * 1024;

/** A log that is open: what is known of it, and what of it is in sight. */
export interface OpenLog {
  log: WholeLog;
  window: LogWindow;
  /** How long it was when it was opened: what lies behind that is new. */
  length: number;
}

function opened(outline: LogOutline | null, length: number): OpenLog {
  const { parts, start } = outline ? splitEnd(outline, LIVE_BYTES) : { parts: [], start: 0 };
  const log = new WholeLog(new LogBuffer(start), parts, new RowHeights());
  return { log, window: new LogWindow(log), length };
}

/** The outline of a long log comes first: it says where its end begins. */
export function useOpenLog(workspace: string, run: Run): { open: OpenLog | null; problem: string | null } {
  const [open, setOpen] = useState<OpenLog | null>(() => (run.status.logBytes <= LIVE_BYTES ? opened(null, run.status.logBytes) : null));
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const { id } = run.metadata;
  const realtime = useRealtime();
  useEffect(() => {
    if (open !== null) return;
    const ending = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    api.logOutline(workspace, id, ending.signal).then(
      (outline) => setOpen(opened(outline, outline.bytes)),
      (error: Error) => {
        if (ending.signal.aborted) return;
        setProblem(`The log could not be opened: ${error.message}`);
        again = setTimeout(() => setAttempt(attempt + 1), 2000);
      },
    );
    return () => {
      ending.abort();
      clearTimeout(again);
    };
  }, [workspace, id, open, attempt]);
  useEffect(
    () => (open === null ? undefined : followed(realtime, workspace, id, open.log.buffer, setProblem)),
    [realtime, workspace, id, open],
  );
  return { open, problem };
}

function followed(realtime: Realtime | null, workspace: string, run: string, buffer: LogBuffer, tell: (problem: string) => void) {
  return realtime?.watchLog(workspace, run, {
    position: () => buffer.position,
    chunks: (chunks, next, complete) => buffer.take(chunks, next, complete),
    ended: (code) => {
      if (code === 'not-found') tell('There is no log: the run is gone.');
    },
  });
}
