import type { HostVerdict } from '@berth/shared/model/placement';
import { StateBadge } from '../../ui/state-badge.tsx';

const CELL = 'px-3 py-2 align-top';

/** A line a host: whether it fits, what each score gave it, or what refused it. */
export function VerdictTable({ label, verdicts, chosenId }: { label: string; verdicts: readonly HostVerdict[]; chosenId: string | null }) {
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <table aria-label={label} className="w-full table-fixed border-collapse bg-panel text-left">
        <thead className="text-sm text-muted max-md:sr-only">
          <tr className="border-b border-line">
            <th scope="col" className={`${CELL} w-44 font-normal`}>
              Host
            </th>
            <th scope="col" className={`${CELL} w-32 font-normal`}>
              Verdict
            </th>
            <th scope="col" className={`${CELL} font-normal`}>
              Why
            </th>
            <th scope="col" className={`${CELL} w-20 text-right font-normal`}>
              Points
            </th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map((verdict) => (
            <Verdict key={verdict.hostId} verdict={verdict} chosen={verdict.hostId === chosenId} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Verdict({ verdict, chosen }: { verdict: HostVerdict; chosen: boolean }) {
  const look = chosen
    ? ({ tone: 'green', shape: 'full', word: 'Chosen' } as const)
    : verdict.fits
      ? ({ tone: 'grey', shape: 'open', word: 'Fits' } as const)
      : ({ tone: 'amber', shape: 'barred', word: 'Does not fit' } as const);
  return (
    <tr className="border-line not-last:border-b max-md:flex max-md:flex-wrap max-md:items-center max-md:px-1 max-md:py-1">
      <th scope="row" className={`${CELL} break-words font-medium max-md:grow`}>
        {verdict.hostName}
      </th>
      <td className={CELL}>
        <StateBadge look={look} />
      </td>
      <td className={`${CELL} text-muted max-md:order-last max-md:w-full`}>
        <ul className="flex flex-col gap-0.5">
          {verdict.refusals.map((refusal) => (
            <li key={refusal.filter} className="break-words">
              <span className="font-mono text-sm">{refusal.filter}</span> {refusal.message}
            </li>
          ))}
          {verdict.scores.map((score) => (
            <li key={score.score} className="flex gap-2">
              <span className="w-16 shrink-0 text-right tabular-nums">
                {score.value}
                {score.most !== undefined && <span className="text-sm"> / {score.most}</span>}
              </span>
              <span className="min-w-0 break-words">
                <span className="font-mono text-sm">{score.score}</span> {score.message}
              </span>
            </li>
          ))}
        </ul>
      </td>
      <td className={`${CELL} text-right tabular-nums text-muted`}>{verdict.fits ? Math.round(verdict.total) : '–'}</td>
    </tr>
  );
}
