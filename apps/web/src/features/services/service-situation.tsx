'use client';
import type { ServiceStatus } from '@berth/shared/model/service';
import { clsx } from 'clsx';
import { Elapsed } from '../../ui/time.tsx';
import { sentence, situationOf } from './service-words.ts';

const TINTS = { calm: '', blue: 'bg-tint-blue', amber: 'bg-tint-amber', red: 'bg-tint-red' } as const;

/** Law L6: what it does and why, since when, and what is next. */
export function ServiceSituation({ status }: { status: ServiceStatus }) {
  const { tone, since, next } = situationOf(status);
  const calm = tone === 'calm';
  return (
    <section
      aria-label="What it does"
      className={clsx(!calm && 'rounded-lg border border-line px-4 py-2.5', calm && 'text-muted', TINTS[tone])}
    >
      <p className="min-w-0 break-words">
        <span aria-live="polite">{sentence(status.message)}</span> {next && <span className="text-muted">{next} </span>}
        {since && (
          <span className="whitespace-nowrap text-muted">
            For <Elapsed from={since} to={null} />.
          </span>
        )}
      </p>
    </section>
  );
}
