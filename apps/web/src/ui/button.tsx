import { clsx } from 'clsx';
import { type ButtonHTMLAttributes, type ReactNode, useId } from 'react';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

const KINDS: Record<ButtonKind, string> = {
  primary: 'bg-accent-fill text-on-accent border-transparent hover:bg-accent-fill-hover font-medium',
  plain: 'bg-panel text-text border-line-strong hover:bg-hover',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-hover hover:text-text',
  danger: 'bg-bad-fill text-on-accent border-transparent hover:opacity-90 font-medium',
};

export function buttonClass(kind: ButtonKind = 'plain', small = false): string {
  return clsx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md border transition-colors duration-100',
    small ? 'h-7 px-2 text-sm' : 'h-8 px-3',
    KINDS[kind],
  );
}

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  kind?: ButtonKind;
  small?: boolean;
  /** Why it cannot work now: the button stays, can be focused, says this and does nothing. */
  reason?: string | null;
  /** The key that does the same; shown on hover. */
  keys?: string;
  busy?: boolean;
  children: ReactNode;
}

export function Button({ kind, small, reason, keys, busy, onClick, className, children, type = 'button', ...rest }: ButtonProps) {
  const id = useId();
  const off = Boolean(reason) || busy === true;
  const tip = reason ?? (keys ? `Key: ${keys}` : null);
  return (
    <span className="tip inline-flex">
      <button
        {...rest}
        type={type}
        aria-disabled={off || undefined}
        aria-busy={busy || undefined}
        aria-describedby={tip ? id : undefined}
        aria-keyshortcuts={keys && !keys.includes(' ') ? keys : undefined}
        onClick={(event) => {
          if (off) event.preventDefault();
          else onClick?.(event);
        }}
        className={clsx(buttonClass(kind, small), off && 'cursor-not-allowed opacity-60', className)}
      >
        {children}
      </button>
      {tip && (
        <span role="tooltip" id={id}>
          {reason ?? (
            <>
              Key: <Key>{keys}</Key>
            </>
          )}
        </span>
      )}
    </span>
  );
}

export function Key({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-block min-w-5 rounded border border-line-strong bg-sunken px-1 text-center font-mono text-xs leading-4 text-muted">
      {children}
    </kbd>
  );
}
