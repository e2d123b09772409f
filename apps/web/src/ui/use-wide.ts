'use client';
import { useSyncExternalStore } from 'react';

const WIDE = '(min-width: 768px)';

function onWide(listener: () => void): () => void {
  const media = matchMedia(WIDE);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** False on a phone, where a row is two lines. */
export function useWide(): boolean {
  return useSyncExternalStore(
    onWide,
    () => matchMedia(WIDE).matches,
    () => true,
  );
}
