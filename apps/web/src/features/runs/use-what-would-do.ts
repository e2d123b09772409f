import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';

/** Free room changes without a word to the run that waits for it. */
export const ASK_AGAIN_MS = 5_000;

/** What would make a queued run placeable, with the amounts of this moment; null where that is not known, or nothing would help but time. */
export function useWhatWouldDo({ metadata: { id }, status }: Run): string | null {
  const workspace = useWorkspace();
  const reason = status.waiting?.reason;
  const asks = status.phase === 'queued' && (reason === 'no-host-fits' || reason === 'concurrency-limit');
  const { data } = useQuery({
    queryKey: queryKeys.whatWouldDo(workspace, id),
    queryFn: ({ signal }) => api.runPlacement(workspace, id, 0, signal),
    enabled: asks,
    refetchInterval: ASK_AGAIN_MS,
  });
  return asks && data?.live ? data.message : null;
}
