import type { ReactNode } from 'react';
import { isPlainClick } from './plain-click.ts';

interface RowLinkProps {
  href: string;
  /** The router's: it is called for a plain click. */
  open: (href: string) => void;
  children: ReactNode;
}

/**
 * What a row of a long list opens, all over the row. Next's own link keeps a state and an observer for each, which is more than all the rest of
 * a row that is drawn while somebody scrolls.
 */
export function RowLink({ href, open, children }: RowLinkProps) {
  return (
    <a
      href={href}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        open(href);
      }}
      data-row-link
      className="font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
    >
      {children}
    </a>
  );
}
