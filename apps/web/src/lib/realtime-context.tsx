'use client';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { queryKeys } from './query-keys.ts';
import { type Connection, Realtime } from './realtime.ts';

const RealtimeContext = createContext<Realtime | null>(null);

/** One websocket for as long as the workspace is on the screen. */
export function RealtimeProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const [realtime, setRealtime] = useState<Realtime | null>(null);
  useEffect(() => {
    const opened = new Realtime(() => void cache.invalidateQueries({ queryKey: queryKeys.session }));
    setRealtime(opened);
    return () => {
      setRealtime(null);
      opened.close();
    };
  }, [cache]);
  return <RealtimeContext value={realtime}>{children}</RealtimeContext>;
}

/** Null until the page is in the browser. */
export function useRealtime(): Realtime | null {
  return useContext(RealtimeContext);
}

const CONNECTING: Connection = { state: 'connecting' };
const never = () => () => {};

export function useConnection(): Connection {
  const realtime = useRealtime();
  return useSyncExternalStore(
    realtime?.onConnection ?? never,
    () => realtime?.connection ?? CONNECTING,
    () => CONNECTING,
  );
}
