'use client';
import { clsx } from 'clsx';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

export interface MenuItem {
  label: string;
  onSelect: () => void;
  /** Why it cannot work now. */
  reason?: string | null;
  keys?: string;
  danger?: boolean;
  checked?: boolean;
}

/** A menu button after the ARIA pattern: arrows move, Escape closes and gives focus back. */
export function Menu({
  label,
  trigger,
  items,
  align = 'right',
  buttonClassName,
}: {
  label: string;
  trigger: ReactNode;
  items: MenuItem[];
  align?: 'left' | 'right';
  buttonClassName: string;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('[role^="menuitem"]')?.focus();
    const close = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [open]);

  const shut = () => {
    setOpen(false);
    button.current?.focus();
  };
  const move = (event: KeyboardEvent) => {
    const entries = [...(root.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') {
      if (event.key === 'Escape') event.preventDefault();
      event.stopPropagation();
      shut();
    } else if (to !== undefined) {
      event.preventDefault();
      entries.at(to % entries.length)?.focus();
    }
  };

  return (
    <div ref={root} className="relative">
      <button
        ref={button}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={label}
        onClick={() => setOpen(!open)}
        className={buttonClassName}
      >
        {trigger}
      </button>
      {open && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={move}
          className={clsx(
            'absolute top-full z-50 mt-1 min-w-48 rounded-lg border border-line bg-panel p-1 shadow-float',
            align === 'right' ? 'right-0' : 'left-0',
          )}
        >
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              {...(item.checked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': item.checked })}
              aria-disabled={item.reason ? true : undefined}
              tabIndex={-1}
              onClick={() => {
                if (item.reason) return;
                shut();
                item.onSelect();
              }}
              className={clsx(
                'flex w-full items-center justify-between gap-6 rounded px-2 py-1.5 text-left',
                item.reason ? 'cursor-not-allowed text-faint' : 'hover:bg-hover focus-visible:bg-hover',
                item.danger && !item.reason && 'text-state-red',
              )}
            >
              <span>
                {item.label}
                {item.reason && <span className="block max-w-56 text-xs text-faint">{item.reason}</span>}
              </span>
              {item.keys && <kbd className="font-mono text-xs text-faint">{item.keys}</kbd>}
              {item.checked && <span aria-hidden="true">✓</span>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
