'use client';
import type { Sample } from '@berth/shared/model/sample';
import { useEffect, useState } from 'react';
import { api } from '../../../lib/api.ts';
import { useRealtime } from '../../../lib/realtime-context.tsx';

/** Five minutes of samples 10 s apart. */
const MOST_POINTS = 30;
/** A run that was not heard of for so long does not run any more, or its host is away. */
const SILENT_MS = 60_000;

export type LatestStats = ReadonlyMap<string, readonly Sample[]>;

/** What the runs of a workspace use: read once, then as it comes. */
export function useLatestStats(workspace: string): LatestStats {
  const realtime = useRealtime();
  const [stats, setStats] = useState<LatestStats>(new Map());
  useEffect(() => {
    const ending = new AbortController();
    api.stats(workspace, ending.signal).then(
      ({ items }) => setStats((known) => new Map([...items.map(({ run, points }) => [run, points] as const), ...known])),
      // A list without it is a list all the same.
      () => undefined,
    );
    const stop = realtime?.watchStats(workspace, null, (samples) => {
      setStats((known) => {
        const next = new Map(known);
        for (const { run, sample } of samples) next.set(run, [...(next.get(run) ?? []), sample].slice(-MOST_POINTS));
        for (const [run, points] of next) if (Date.now() - Date.parse(points.at(-1)?.at ?? '') > SILENT_MS) next.delete(run);
        return next;
      });
    });
    return () => {
      ending.abort();
      stop?.();
    };
  }, [realtime, workspace]);
  return stats;
}
