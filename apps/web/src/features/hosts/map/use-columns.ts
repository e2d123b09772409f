'use client';
import { type RefObject, useEffect, useState } from 'react';

/** How many cells of a size fit beside each other into an element, as it is now; 0 until that is known. */
export function useColumns(element: RefObject<HTMLElement | null>, size: number, gap: number): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width === 0 ? 0 : Math.max(1, Math.floor((width + gap) / (size + gap)));
}
