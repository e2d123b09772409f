'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';
import { formatSeconds } from '../../lib/format.ts';
import { useNowWhile } from '../../ui/clock.ts';
import { StateShape } from '../../ui/icons.tsx';
import { lookOfStatus, TONE_TEXT } from '../../ui/state.ts';
import { headlineFor, hintFor } from './hints.ts';
import { useWhatWouldDo } from './use-what-would-do.ts';

/** Law L6: why it waits, since when, until when, and what is next. When it ended badly: why, first and large. */
export function RunSituation({ run }: { run: Run }) {
  const { status } = run;
  const now = useNowWhile(status.waiting !== null);
  const whatWouldDo = useWhatWouldDo(run);
  const bad = status.phase === 'failed' || status.phase === 'lost' || (status.phase === 'exited' && status.exitCode !== 0);
  if (bad) {
    const look = lookOfStatus(status);
    const hint = hintFor(status.reason);
    const headline = headlineFor(run);
    return (
      <section aria-label="How it ended" className="rounded-lg border border-line bg-tint-red px-4 py-3">
        <p className={`flex items-start gap-2 text-lg font-semibold ${TONE_TEXT[look.tone]}`}>
          <span className="mt-1.5">
            <StateShape shape={look.shape} />
          </span>
          <span className="min-w-0 break-words">{capital(headline ?? status.message)}</span>
        </p>
        {headline && <p className="mt-1 break-words font-mono text-sm">{status.message}</p>}
        {hint && <p className="mt-1 text-muted">{hint}</p>}
      </section>
    );
  }
  const { waiting } = status;
  if (waiting && !isTerminal(status.phase)) {
    const waited = Math.floor(Math.max(0, now - Date.parse(waiting.since)) / 1000);
    const left = waiting.deadline === null ? null : Math.max(0, Math.ceil((Date.parse(waiting.deadline) - now) / 1000));
    return (
      <section aria-label="What it waits for" className="rounded-lg border border-line bg-tint-blue px-4 py-2.5">
        <p aria-live="polite">
          <span className="font-medium">
            {lookOfStatus(status).word} for <span className="tabular-nums">{formatSeconds(waited)}</span>:
          </span>{' '}
          {sentence(waiting.message)} {whatWouldDo} <span className="text-muted">{sentence(waiting.next)}</span>
          {left !== null && left > 0 && <span className="text-muted tabular-nums"> {formatSeconds(left)} left.</span>}
        </p>
      </section>
    );
  }
  if (status.phase === 'stopping' || status.phase === 'cancelled' || (status.phase === 'exited' && status.reason !== 'completed')) {
    return <p className="text-muted">{sentence(capital(status.message))}</p>;
  }
  return null;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(text: string): string {
  return text === '' || /[.!?…]$/.test(text) ? text : `${text}.`;
}
