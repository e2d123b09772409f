'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import { formatBytes } from '@berth/shared/model/quantity-text';
import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { formatAbsolute, formatDuration, formatSeconds } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useNowWhile } from '../../ui/clock.ts';
import { lookOfPhase, TONE_FILL } from '../../ui/state.ts';
import { describeEvent } from './event-words.ts';
import { type Part, partsOf, weightOf } from './timeline.ts';

/** How long it was queued, pulling, creating, starting and running. */
export function Timeline({ run, workspace }: { run: Run; workspace: string }) {
  const parts = partsOf(run);
  const now = useNowWhile(!isTerminal(run.status.phase));
  const [asked, setAsked] = useState(false);
  const events = useQuery({
    queryKey: queryKeys.runEvents(workspace, run.metadata.id),
    queryFn: ({ signal }) => api.runEvents(workspace, run.metadata.id, signal),
    enabled: asked,
  });
  const during = (part: Part) =>
    (events.data?.items ?? []).filter((event) => {
      const at = Date.parse(event.at);
      return at >= part.from && (part.to === null || at < part.to);
    });

  return (
    <ol
      aria-label="Timeline"
      className="flex gap-px overflow-visible max-sm:flex-wrap"
      onPointerEnter={() => setAsked(true)}
      onFocus={() => setAsked(true)}
    >
      {parts.map((part, index) => {
        const look = lookOfPhase(part.phase);
        const pull = part.phase === 'pulling' ? pullNote(run) : null;
        return (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: its events are shown on focus as they are on hover
          <li key={keyOf(part)} tabIndex={0} className="tip min-w-20 basis-20 pb-1" style={{ flexGrow: weightOf(part, now) }}>
            <span
              aria-hidden="true"
              className={clsx('mb-1.5 block h-1 rounded-full', TONE_FILL[look.tone], part.to !== null && 'opacity-60')}
            />
            <span className="block truncate pr-2 text-sm text-muted">{part.lives ? livesWord(part.lives) : look.word.toLowerCase()}</span>
            <span className="block truncate pr-2 tabular-nums">
              {part.to === null ? formatSeconds(Math.floor(Math.max(0, now - part.from) / 1000)) : formatDuration(part.to - part.from)}
              {pull && <span className="text-muted"> · {pull}</span>}
            </span>
            <span role="tooltip" className={clsx('!max-w-[min(24rem,70vw)]', index < parts.length / 2 && '!left-0 !right-auto')}>
              <span className="block text-muted">since {formatAbsolute(new Date(part.from).toISOString())}</span>
              {during(part).map((event) => (
                <span key={event.cursor} className="block">
                  {describeEvent(event).text}
                </span>
              ))}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

const keyOf = ({ phase, lives }: Part): string => `${phase} ${lives ?? ''}`;
const livesWord = (lives: number): string => (lives === 1 ? 'its first life' : `${lives} lives`);

function pullNote(run: Run): string | null {
  const layers = run.status.attempts.at(-1)?.pull?.layers ?? [];
  if (layers.length === 0) return null;
  const bytes = layers.reduce((sum, layer) => sum + (layer.total ?? 0), 0);
  return `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}${bytes > 0 ? `, ${formatBytes(bytes)}` : ''}`;
}
