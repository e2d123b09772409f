'use client';
import { ChevronLeft, ChevronRight, ScrollText, X } from 'lucide-react';
import { parseAsString, useQueryState } from 'nuqs';
import { formatAbsolute, formatClock } from '../../../lib/format.ts';
import { Button, buttonClass } from '../../../ui/button.tsx';

interface Props {
  moment: Date | null;
  onMoment: (moment: Date | null) => void;
  /** Of the samples, in order: the moments that one can step to. */
  times: readonly number[];
}

/** The moment that was pointed at in a chart, or that of the selected line of the log: with the way to the log at that time. */
export function MomentBar({ moment, onMoment, times }: Props) {
  const [, setTab] = useQueryState('tab', parseAsString);
  const step = (by: 1 | -1) => {
    const now = moment?.getTime() ?? Number.POSITIVE_INFINITY;
    const next = by > 0 ? times.find((time) => time > now) : times.findLast((time) => time < now);
    if (next !== undefined) onMoment(new Date(next));
  };
  const stepButton = (by: 1 | -1, label: string) => (
    <button type="button" aria-label={label} title={label} onClick={() => step(by)} className={buttonClass('quiet', true)}>
      {by < 0 ? <ChevronLeft size={13} aria-hidden="true" /> : <ChevronRight size={13} aria-hidden="true" />}
    </button>
  );
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-1 px-4 py-2 md:px-6">
      {stepButton(-1, 'Earlier moment')}
      {stepButton(1, 'Later moment')}
      {moment === null ? (
        <span className="px-1 text-muted">Click in a chart for the log at that time.</span>
      ) : (
        <>
          <time dateTime={moment.toISOString()} title={formatAbsolute(moment.toISOString())} className="px-1 tabular-nums">
            {formatClock(moment.toISOString())}
          </time>
          <Button small onClick={() => void setTab('logs', { history: 'push' })}>
            <ScrollText size={13} aria-hidden="true" />
            Log at {formatClock(moment.toISOString()).slice(0, 8)}
          </Button>
          <button
            type="button"
            aria-label="No moment"
            title="No moment"
            onClick={() => onMoment(null)}
            className={buttonClass('quiet', true)}
          >
            <X size={13} aria-hidden="true" />
          </button>
        </>
      )}
    </div>
  );
}
