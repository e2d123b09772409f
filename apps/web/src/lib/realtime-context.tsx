'use client';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { type Connection, Realtime } from './realtime.ts';

const RealtimeContext = createContext<Realtime | null>(null);

/** One websocket for as long as the workspace is on the screen. */
export function RealtimeProvider({ children }: { children: ReactNode }) {
  const [realtime, setRealtime] = useState<Realtime | null>(null);
  useEffect(() => {
    const opened = new Realtime();
    setRealtime(opened);
    return () => {
      setRealtime(null);
      opened.close();
    };
  }, []);
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
