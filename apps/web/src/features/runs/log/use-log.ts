'use client';
import { useEffect, useState } from 'react';
import { useRealtime } from '../../../lib/realtime-context.tsx';
import { LogBuffer } from './log-buffer.ts';

/** Reads the log over the socket into a buffer; `version` changes at most once a frame. */
export function useLog(workspace: string, run: string) {
  const realtime = useRealtime();
  const [buffer] = useState(() => new LogBuffer());
  const [version, setVersion] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    let frame: number | null = null;
    const off = buffer.onChange(() => {
      frame ??= requestAnimationFrame(() => {
        frame = null;
        setVersion(buffer.version);
      });
    });
    return () => {
      off();
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, [buffer]);

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
