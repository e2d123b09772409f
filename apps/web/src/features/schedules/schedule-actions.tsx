'use client';
import type { Schedule } from '@berth/shared/model/schedule';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Pencil, Play, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/notice.tsx';
import { reasonAgainst } from './schedule-state.ts';

/** What can be done to a schedule; what cannot now says why. */
export function ScheduleActions({ schedule, workspace }: { schedule: Schedule; workspace: string }) {
  const router = useRouter();
  const cache = useQueryClient();
  const [asking, setAsking] = useState(false);
  const { id, name } = schedule.metadata;
  const onError = (error: Error) => notify(error.message, true);
  const refresh = () => cache.invalidateQueries({ queryKey: queryKeys.schedules(workspace) });
  const runNow = useMutation({
    mutationFn: () => api.runScheduleNow(workspace, id),
    onSuccess: (run) => {
      void refresh();
      router.push(paths.run(workspace, run.metadata.id));
    },
    onError,
  });
  const steer = useMutation({
    mutationFn: (how: 'pause' | 'resume') => api.steerSchedule(workspace, id, how),
    onSuccess: (now) => {
      cache.setQueryData(queryKeys.schedule(workspace, id), now);
      return refresh();
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: () => api.deleteSchedule(workspace, id),
    onSuccess: () => {
      notify(`${name} was deleted.`);
      router.push(paths.schedules(workspace));
      return refresh();
    },
  });
  const how = schedule.spec.paused ? 'resume' : 'pause';
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button onClick={() => runNow.mutate()} reason={reasonAgainst('run-now', schedule)} busy={runNow.isPending}>
        <Play size={13} aria-hidden="true" />
        Run now
      </Button>
      <Button onClick={() => steer.mutate(how)} reason={reasonAgainst(how, schedule)} busy={steer.isPending}>
        {how === 'pause' ? <Pause size={13} aria-hidden="true" /> : <Play size={13} aria-hidden="true" />}
        {how === 'pause' ? 'Pause' : 'Resume'}
      </Button>
      <Link href={paths.editSchedule(workspace, id)} className={buttonClass()}>
        <Pencil size={13} aria-hidden="true" />
        Change
      </Link>
      <Button onClick={() => setAsking(true)}>
        <Trash2 size={13} aria-hidden="true" />
        Delete
      </Button>
      {asking && (
        <Confirm
          title={`Delete ${name}?`}
          yes="Delete"
          no="Keep it"
          busy={remove.isPending}
          error={remove.error?.message}
          onYes={() => remove.mutate()}
          onClose={() => setAsking(false)}
        >
          It starts nothing more. The runs that it started stay, and what runs goes on.
        </Confirm>
      )}
    </div>
  );
}
