import type { ReactNode } from 'react';
import { StateShape } from './icons.tsx';

/** Something did not work: the server's own sentence, at the place where it matters. */
export function Failure({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border border-line bg-tint-red px-3 py-2">
      <span className="text-state-red">
        <StateShape shape="cross" />
      </span>
      <span className="min-w-0 flex-1 break-words">{children}</span>
      {action}
    </div>
  );
}
