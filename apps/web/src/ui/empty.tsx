import type { ReactNode } from 'react';

/** Nothing here yet: one sentence, one thing to do, and the same for a terminal. */
export function Empty({ sentence, action, children }: { sentence: string; action?: ReactNode; children?: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col items-center gap-4 px-4 py-16 text-center">
      <p className="text-lg">{sentence}</p>
      {action}
      {children && <div className="mt-4 w-full text-left">{children}</div>}
    </div>
  );
}
