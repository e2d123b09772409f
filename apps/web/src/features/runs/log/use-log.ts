'use client';
import { useEffect, useMemo, useState } from 'react';
import { api } from '../../../lib/api.ts';
import { useRealtime } from '../../../lib/realtime-context.tsx';
import { LogBuffer } from './log-buffer.ts';

/** Read from a place in a long log at a time. */
export const WINDOW_BYTES = 512 * 1024;

/** What the panel shows: the buffer, its version, which changes at most once a frame, and what is wrong. */
export interface ShownLog {
  buffer: LogBuffer;
  version: number;
  problem: string | null;
}

function useVersion(buffer: LogBuffer): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let frame: number | null = null;
    const off = buffer.onChange(() => {
      frame ??= requestAnimationFrame(() => {
        frame = null;
        setVersion(buffer.version);
      });
    });
    setVersion(buffer.version);
    return () => {
      off();
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, [buffer]);
  return version;
}

/** Follows the log over the socket, from a place on. */
export function useLog(workspace: string, run: string, start: number): ShownLog {
  const realtime = useRealtime();
  const buffer = useMemo(() => new LogBuffer(start), [start]);
  const version = useVersion(buffer);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(
    () =>
      realtime?.watchLog(workspace, run, {
        position: () => buffer.position,
        chunks: (chunks, next, complete) => buffer.take(chunks, next, complete),
        ended: (code) => {
          if (code === 'not-found') setProblem('There is no log: the run is gone.');
        },
      }),
    [realtime, workspace, run, buffer],
  );
  return { buffer, version, problem };
}

/** A part of the log from a place on, as it is stored; null where none is asked for. */
export function useLogWindow(workspace: string, run: string, start: number | null): ShownLog | null {
  const buffer = useMemo(() => new LogBuffer(start ?? 0, WINDOW_BYTES), [start]);
  const version = useVersion(buffer);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (start === null) return;
    const ending = new AbortController();
    setProblem('Reading …');
    api.readLog(workspace, run, start, WINDOW_BYTES, ending.signal).then(
      (chunks) => {
        setProblem(null);
        const last = chunks.at(-1);
        buffer.take(chunks, last ? last.position + last.data.length + last.dropped : start, false);
      },
      () => {
        if (!ending.signal.aborted) setProblem('This part of the log could not be read; choose it again.');
      },
    );
    return () => ending.abort();
  }, [workspace, run, start, buffer]);
  return start === null ? null : { buffer, version, problem };
}
