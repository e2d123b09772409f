'use client';
import { useSyncExternalStore } from 'react';

const never = () => () => {};

/** The address of this Berth; empty while the page is rendered on the server. */
export function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => window.location.origin,
    () => '',
  );
}
