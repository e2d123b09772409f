'use client';
import type { RunArray } from '@berth/shared/model/run-array';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCcw, Square, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/notice.tsx';
import { reasonAgainst } from './array-state.ts';

/** What can be done to a run array; what cannot now says why. */
export function ArrayActions({ array, workspace }: { array: RunArray; workspace: string }) {
  const router = useRouter();
  const cache = useQueryClient();
  const [asking, setAsking] = useState<'cancel' | 'delete' | null>(null);
  const { id, name } = array.metadata;
  const { counts, total } = array.status;
  const cancel = useMutation({
    mutationFn: () => api.cancelRunArray(workspace, id),
    onSuccess: (now) => {
      setAsking(null);
      cache.setQueryData(queryKeys.runArray(workspace, id), now);
    },
  });
  const remove = useMutation({
    mutationFn: () => api.deleteRunArray(workspace, id),
    onSuccess: () => {
      notify(`${name} was deleted.`);
      router.push(paths.runArrays(workspace));
    },
  });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button onClick={() => setAsking('cancel')} reason={reasonAgainst('cancel', array)}>
        <Square size={12} aria-hidden="true" />
        Cancel
      </Button>
      <Link href={paths.newRun(workspace, { array: id })} className={buttonClass('plain')}>
        <RotateCcw size={13} aria-hidden="true" />
        Run again with changes…
      </Link>
      <Button onClick={() => setAsking('delete')} reason={reasonAgainst('delete', array)}>
        <Trash2 size={13} aria-hidden="true" />
        Delete
      </Button>
      {asking === 'cancel' && (
        <Confirm
          title={`Cancel ${name}?`}
          yes="Cancel its runs"
          no="Let it go on"
          busy={cancel.isPending}
          error={cancel.error?.message}
          onYes={() => cancel.mutate()}
          onClose={() => setAsking(null)}
        >
          {counts.queued} that {counts.queued === 1 ? 'waits is' : 'wait are'} cancelled, {counts.running} that{' '}
          {counts.running === 1 ? 'runs is' : 'run are'} stopped. Those that have ended stay.
        </Confirm>
      )}
      {asking === 'delete' && (
        <Confirm
          title={`Delete ${name}?`}
          yes="Delete"
          no="Keep it"
          busy={remove.isPending}
          error={remove.error?.message}
          onYes={() => remove.mutate()}
          onClose={() => setAsking(null)}
        >
          Its {total === 1 ? 'run is' : `${total} runs are`} deleted with{' '}
          {total === 1 ? 'its log and container' : 'their logs and containers'}. This cannot be undone.
        </Confirm>
      )}
    </div>
  );
}
