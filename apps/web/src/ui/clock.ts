'use client';
/** One clock for all relative times on the screen: it ticks once a second while somebody looks. */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds since 1970, to the second; 0 while the page is rendered on the server. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => now,
    () => 0,
  );
}

const still = () => () => {};
/** As `useNow`, but it only ticks while `running`: a row that is at its end costs nothing. */
export function useNowWhile(running: boolean): number {
  return useSyncExternalStore(
    running ? subscribe : still,
    () => now,
    () => 0,
  );
}
