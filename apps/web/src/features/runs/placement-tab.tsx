'use client';
import type { Run, RunSpec } from '@berth/shared/model/run';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { formatSeconds } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ASK_AGAIN_MS } from './use-what-would-do.ts';
import { VerdictTable } from './verdict-table.tsx';

/** Why here and why not there, for every host that was looked at; one block an attempt, the newest first. */
export function PlacementTab({ run }: { run: Run }) {
  const attempts = run.status.attempts.toReversed();
  return (
    <div className="flex flex-col gap-8 px-4 py-4 md:px-6">
      <p>{hostLossInWords(run.spec)}</p>
      {run.status.phase === 'queued' && <Now run={run} />}
      {run.status.phase !== 'queued' && attempts.length === 0 && <p className="text-muted">It was not placed. {run.status.message}</p>}
      {attempts.map((attempt) => (
        <section key={attempt.id}>
          <h2 className="font-medium">
            Attempt {attempt.number} on {attempt.hostName}
          </h2>
          {attempt.phase === 'lost' && <p className="text-state-purple">Lost: {attempt.message}.</p>}
          <p className="mb-3 text-muted">{attempt.placement?.message ?? 'The reasons were not kept.'}</p>
          {attempt.placement && (
            <VerdictTable label={`Hosts of attempt ${attempt.number}`} verdicts={attempt.placement.hosts} chosenId={attempt.hostId} />
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

function hostLossInWords({ onHostLost, hostLostAfterSeconds, selfFence }: RunSpec): string {
  if (onHostLost !== 'replace') return 'If its host is lost, it waits for it: it runs at most once.';
  const after = hostLostAfterSeconds === undefined ? '' : `, after ${formatSeconds(hostLostAfterSeconds)} without a sign of it`;
  const fence = selfFence ? ' A host that is cut off from Berth stops it before that.' : '';
  return `If its host is lost, it is placed on another one${after}.${fence}`;
}

/** What every host says to it at this moment. */
function Now({ run }: { run: Run }) {
  const workspace = useWorkspace();
  const { id } = run.metadata;
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: queryKeys.runPlacement(workspace, id),
    queryFn: ({ pageParam, signal }) => api.runPlacement(workspace, id, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
    refetchInterval: ASK_AGAIN_MS,
  });
  const first = data?.pages[0];
  const verdicts = data?.pages.flatMap((page) => page.hosts) ?? [];
  return (
    <section>
      <h2 className="font-medium">Not placed yet</h2>
      <p className="mb-3 text-muted">{first?.live ? first.message : (run.status.waiting?.message ?? run.status.message)}</p>
      {isPending && <Skeleton label="Asking every host" rows={3} />}
      {error && <Failure>{error.message}</Failure>}
      {verdicts.length > 0 && <VerdictTable label="Every host, now" verdicts={verdicts} chosenId={null} />}
      {first && verdicts.length > 0 && (
        <div className="mt-2 flex items-center gap-3 text-sm text-muted">
          <span>
            {verdicts.length} of {first.considered} {first.considered === 1 ? 'host' : 'hosts'}, as of now
          </span>
          {hasNextPage && (
            <Button small busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              More hosts
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
