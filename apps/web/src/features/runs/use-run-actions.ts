'use client';
import type { Run } from '@berth/shared/model/run';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { api, ProblemError } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { notify } from '../../ui/notice.tsx';
import type { RunAction } from './run-actions.ts';

const CALLS: Record<RunAction, (workspace: string, id: string) => Promise<void>> = {
  stop: api.stopRun,
  kill: api.killRun,
  restart: api.restartRun,
  pause: api.pauseRun,
  resume: api.resumeRun,
  'give-up': api.giveUpRun,
  remove: api.deleteRun,
};

export function useRunActions(workspace: string, run: Run | undefined) {
  const router = useRouter();
  const cache = useQueryClient();
  const id = run?.metadata.id ?? '';

  const act = useMutation({
    mutationFn: (action: RunAction) => CALLS[action](workspace, id),
    onSuccess: (_, action) => {
      if (action !== 'remove') return cache.invalidateQueries({ queryKey: queryKeys.run(workspace, id) });
      notify(`${run?.metadata.name ?? id} was removed.`);
      router.push(paths.runs(workspace));
    },
    onError: (error) => notify(error.message, true),
  });

  const again = useMutation({
    mutationFn: () => {
      if (!run) throw new ProblemError(0, { detail: 'The run is not here yet.' });
      return api.createRun(workspace, { metadata: { name: run.metadata.name, labels: run.metadata.labels }, spec: run.spec });
    },
    onSuccess: (created) => {
      cache.setQueryData(queryKeys.run(workspace, created.metadata.id), created);
      router.push(paths.run(workspace, created.metadata.id));
    },
    onError: (error) => {
      notify(error.message, true);
      // What stands in the way can be changed in the form.
      if (error instanceof ProblemError && error.status < 500 && error.status > 0) router.push(paths.newRun(workspace, { from: id }));
    },
  });
  return { act, again };
}
