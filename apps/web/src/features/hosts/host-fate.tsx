'use client';
import type { Drain } from '@berth/shared/model/drain';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { formatSeconds } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { useNowWhile } from '../../ui/clock.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/notice.tsx';
import { Age } from '../../ui/time.tsx';
import { Meter } from './meter.tsx';

/** What a host waits for, how far its drain is, and what a person can say to either. */
export function HostFate({ host, workspace }: { host: Host; workspace: string }) {
  const cache = useQueryClient();
  const [asking, setAsking] = useState<'drain' | 'give-up' | null>(null);
  const { metadata, status } = host;
  const act = useMutation({
    mutationFn: (call: (workspace: string, id: string) => Promise<Host>) => call(workspace, metadata.id),
    onSuccess: (updated) => {
      setAsking(null);
      cache.setQueryData(queryKeys.host(workspace, metadata.id), updated);
      return cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) });
    },
    onError: (error) => notify(error.message, true),
  });
  const silent = status.state === 'lost' || (status.waiting?.deadline ?? null) !== null;
  return (
    <div className="flex flex-col gap-3 px-4 pt-3 md:px-6">
      {status.waiting && <WaitingHost host={host} waiting={status.waiting} />}
      {status.drain && <DrainProgress drain={status.drain} workspace={workspace} />}
      <div className="flex flex-wrap gap-2">
        {status.drain ? (
          <Button small busy={act.isPending} onClick={() => act.mutate(api.cancelDrain)}>
            {status.drain.drainedAt === null ? 'Cancel the drain' : 'Let it take runs again'}
          </Button>
        ) : (
          <Button small onClick={() => setAsking('drain')}>
            Drain…
          </Button>
        )}
        <Button
          small
          reason={silent ? null : 'Something is heard of it: only a host that is silent can be gone.'}
          onClick={() => setAsking('give-up')}
        >
          It is gone…
        </Button>
      </div>
      {asking === 'drain' && (
        <Confirm
          title={`Drain ${metadata.name}?`}
          yes="Drain it"
          no="Leave it"
          busy={act.isPending}
          onYes={() => act.mutate(api.drainHost)}
          onClose={() => setAsking(null)}
        >
          It takes no new run. Runs that may be moved are stopped and placed elsewhere, a few at a time and only where another host has
          room; the others stay until they end.
        </Confirm>
      )}
      {asking === 'give-up' && (
        <Confirm
          title={`Is ${metadata.name} gone?`}
          yes="It is gone"
          no="Wait for it"
          busy={act.isPending}
          onYes={() => act.mutate(api.giveUpHost)}
          onClose={() => setAsking(null)}
        >
          Runs on it that may be are placed on other hosts; all others end as lost. Should it still run, it stops their containers as soon
          as it is heard again.
        </Confirm>
      )}
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
          <Meter label="Gone" used={gone} total={total} words={`${gone} of ${total} runs`} />
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
