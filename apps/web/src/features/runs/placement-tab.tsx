'use client';
import type { HostVerdict } from '@berth/shared/model/placement';
import type { Run, RunSpec } from '@berth/shared/model/run';
import { formatSeconds } from '../../lib/format.ts';
import { StateBadge } from '../../ui/state-badge.tsx';

/** Why here and why not there, for every host that was looked at; one block an attempt, the newest first. */
export function PlacementTab({ run }: { run: Run }) {
  const attempts = run.status.attempts.toReversed();
  if (attempts.length === 0) {
    return (
      <p className="px-4 py-6 text-muted md:px-6">
        It has not been placed yet. {run.status.waiting?.message ?? run.status.message}. {hostLossInWords(run.spec)}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-8 px-4 py-4 md:px-6">
      <p>{hostLossInWords(run.spec)}</p>
      {attempts.map((attempt) => (
        <section key={attempt.id}>
          <h2 className="font-medium">
            Attempt {attempt.number} on {attempt.hostName}
          </h2>
          {attempt.phase === 'lost' && <p className="text-state-purple">Lost: {attempt.message}.</p>}
          <p className="mb-3 text-muted">{attempt.placement?.message ?? 'The reasons were not kept.'}</p>
          {attempt.placement && (
            <ul className="grid gap-px overflow-hidden rounded-lg border border-line bg-line">
              {attempt.placement.hosts.map((verdict) => (
                <Verdict key={verdict.hostId} verdict={verdict} chosen={verdict.hostId === attempt.hostId} />
              ))}
            </ul>
          )}
          {attempt.placement && attempt.placement.considered > attempt.placement.hosts.length && (
            <p className="mt-2 text-sm text-muted">
              {attempt.placement.considered} hosts were looked at; the first {attempt.placement.hosts.length} are shown.
            </p>
          )}
        </section>
      ))}
    </div>
  );
}

function hostLossInWords({ onHostLost, hostLostAfterSeconds }: RunSpec): string {
  if (onHostLost !== 'replace') return 'If its host is lost, it waits for it: it runs at most once.';
  const after = hostLostAfterSeconds === undefined ? '' : `, after ${formatSeconds(hostLostAfterSeconds)} without a sign of it`;
  return `If its host is lost, it is placed on another one${after}.`;
}

function Verdict({ verdict, chosen }: { verdict: HostVerdict; chosen: boolean }) {
  const look = chosen
    ? ({ tone: 'green', shape: 'full', word: 'Chosen' } as const)
    : verdict.fits
      ? ({ tone: 'grey', shape: 'open', word: 'Fits' } as const)
      : ({ tone: 'amber', shape: 'barred', word: 'Does not fit' } as const);
  return (
    <li className="grid gap-x-4 gap-y-1 bg-panel px-4 py-2.5 md:grid-cols-[120px_160px_minmax(0,1fr)_64px]">
      <StateBadge look={look} />
      <span className="font-medium">{verdict.hostName}</span>
      <ul className="text-muted">
        {verdict.refusals.map((refusal) => (
          <li key={refusal.filter}>
            <span className="font-mono text-sm">{refusal.filter}</span> {refusal.message}
          </li>
        ))}
        {verdict.scores.map((score) => (
          <li key={score.score}>
            <span className="font-mono text-sm">{score.score}</span> {score.message} <span className="tabular-nums">(+{score.value})</span>
          </li>
        ))}
      </ul>
      <span className="text-right tabular-nums text-muted">{verdict.fits ? verdict.total : '–'}</span>
    </li>
  );
}
