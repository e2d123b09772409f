import type { RunArrayStatus } from '@berth/shared/model/run-array';
import { clsx } from 'clsx';
import { StateShape } from '../../ui/icons.tsx';
import { TONE_FILL, TONE_TEXT } from '../../ui/state.ts';
import { type Part, partsOf } from './array-state.ts';

/** How far it is: a part for each way that its runs are, in numbers below. */
export function ArrayBar({ status }: { status: RunArrayStatus }) {
  const parts = partsOf(status);
  return (
    <div className="grid gap-2">
      <Bar parts={parts} className="h-2" />
      <ul aria-label="How far it is" className="flex flex-wrap gap-x-5 gap-y-1">
        {parts.map(({ name, count, look }) => (
          <li key={name} className="inline-flex items-center gap-1.5">
            <span className={TONE_TEXT[look.tone]}>
              <StateShape shape={look.shape} size={11} />
            </span>
            <span className="tabular-nums">{count}</span> <span className="text-muted">{look.word.toLowerCase()}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** "37 of 100", and the same as a bar. */
export function SmallBar({ status }: { status: RunArrayStatus }) {
  const { total, counts } = status;
  return (
    <span className="flex items-center gap-2" title={`${status.message}.`}>
      <Bar parts={partsOf(status)} className="h-1.5 w-16 shrink-0" />
      <span className="whitespace-nowrap tabular-nums text-muted">
        {total - counts.queued - counts.running} of {total}
      </span>
    </span>
  );
}

/** What waits is what is left of the bar. */
function Bar({ parts, className }: { parts: readonly Part[]; className: string }) {
  return (
    <span aria-hidden="true" className={clsx('flex overflow-hidden rounded-full bg-hover', className)}>
      {parts.map(
        ({ name, count, look }) =>
          name !== 'queued' && (
            <span
              key={name}
              // A few of thousands are seen, too.
              className={clsx('block h-full min-w-0.5', TONE_FILL[look.tone])}
              style={{ flexGrow: count, flexBasis: 0 }}
            />
          ),
      )}
      <span className="block" style={{ flexGrow: parts.find(({ name }) => name === 'queued')?.count ?? 0, flexBasis: 0 }} />
    </span>
  );
}
