'use client';
import { useEffect, useState } from 'react';

/** A switch that the reader's browser remembers. */
export function usePreference(name: string, initial: boolean): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(initial);
  const key = `berth-${name}`;
  useEffect(() => {
    try {
      const stored = localStorage.getItem(key);
      if (stored !== null) setOn(stored === '1');
    } catch {
      // storage may be closed to the page; the switch then lasts as long as the page
    }
  }, [key]);
  return [
    on,
    (next) => {
      setOn(next);
      try {
        localStorage.setItem(key, next ? '1' : '0');
      } catch {
        // as above
      }
    },
  ];
}
