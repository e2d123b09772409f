'use client';
import { useRouter } from 'next/navigation';
import type { MouseEvent, ReactNode } from 'react';

/**
 * What a row of a long list opens, all over the row. An anchor, and the router where it is only clicked: Next's own link keeps a state and
 * watches for each, which is more than all the rest of a row that is drawn while somebody scrolls.
 */
export function RowLink({ href, children }: { href: string; children: ReactNode }) {
  const router = useRouter();
  const open = (event: MouseEvent) => {
    // Into another tab or window, or down to a file: that is the browser's.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.push(href);
  };
  return (
    <a
      href={href}
      onClick={open}
      data-row-link
      className="font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
    >
      {children}
    </a>
  );
}
