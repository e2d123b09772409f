'use client';
import type { Drain } from '@berth/shared/model/drain';
import type { Host } from '@berth/shared/model/host';
import Link from 'next/link';
import { formatSeconds } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { useNowWhile } from '../../ui/clock.ts';
import { Age } from '../../ui/time.tsx';
import { Meter } from './meter.tsx';

/** What a host waits for, and how far its drain is. */
export function HostFate({ host, workspace }: { host: Host; workspace: string }) {
  const { waiting, drain } = host.status;
  if (!waiting && !drain) return null;
  return (
    <div className="flex flex-col gap-3 px-4 pt-3 md:px-6">
      {waiting && <WaitingHost host={host} waiting={waiting} />}
      {drain && <DrainProgress drain={drain} workspace={workspace} />}
    </div>
  );
}

/** Law L6, of the host itself. */
function WaitingHost({ host, waiting }: { host: Host; waiting: NonNullable<Host['status']['waiting']> }) {
  const now = useNowWhile(true);
  const left = waiting.deadline === null ? 0 : Math.ceil((Date.parse(waiting.deadline) - now) / 1000);
  return (
    <section aria-label="What it waits for" className="rounded-lg border border-line bg-tint-blue px-4 py-2.5">
      <p aria-live="polite">
        <span className="font-medium">
          {host.status.state === 'lost' ? 'Lost' : 'Not ready'} for <Age at={waiting.since} />:
        </span>{' '}
        {waiting.message}. <span className="text-muted">{waiting.next}</span>
        {left > 0 && <span className="text-muted tabular-nums"> {formatSeconds(left)} left.</span>}
      </p>
    </section>
  );
}

function DrainProgress({ drain, workspace }: { drain: Drain; workspace: string }) {
  const { total, left, moving, holds, drainedAt } = drain;
  const gone = total - left;
  const words =
    drainedAt === null
      ? `Draining: ${gone} of ${total} runs have gone${moving > 0 ? `, ${moving} on the way` : ''}`
      : 'Drained: nothing runs on it';
  return (
    <section aria-label="Drain" className="rounded-lg border border-line px-4 py-2.5">
      <p aria-live="polite" className="font-medium tabular-nums">
        {words}
      </p>
      {total > 0 && (
        <div className="mt-2 max-w-md">
          <Meter label="Gone" reserved={gone} used={null} total={total} words={`${gone} of ${total} runs`} calm />
        </div>
      )}
      {holds.length > 0 && (
        <ul className="mt-2 grid gap-1 text-sm">
          {holds.map((hold) => (
            <li key={hold.runId} className="break-words">
              <Link href={paths.run(workspace, hold.runId)} className="font-medium underline-offset-2 hover:underline">
                {hold.runName}
              </Link>{' '}
              <span className="text-muted">{hold.message}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
