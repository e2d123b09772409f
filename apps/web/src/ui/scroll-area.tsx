import type { ClipboardEvent, ReactNode, Ref } from 'react';

interface ScrollAreaProps {
  label: string;
  className: string;
  ref?: Ref<HTMLElement>;
  onCopy?: (event: ClipboardEvent<HTMLElement>) => void;
  children: ReactNode;
}

/** What scrolls by itself can be reached by keyboard, and has a name (axe: scrollable-region-focusable). */
export function ScrollArea({ label, className, ref, onCopy, children }: ScrollAreaProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: that is what this element is for
    <section ref={ref} aria-label={label} tabIndex={0} onCopy={onCopy} className={className}>
      {children}
    </section>
  );
}
