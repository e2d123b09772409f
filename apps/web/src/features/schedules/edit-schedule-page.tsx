'use client';
import type { Schedule } from '@berth/shared/model/schedule';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { fromSchedule } from './schedule-values.ts';

export function EditSchedulePage({ id }: { id: string }) {
  const workspace = useWorkspace();
  const schedule = useQuery({
    queryKey: queryKeys.schedule(workspace, id),
    queryFn: ({ signal }) => api.getSchedule(workspace, id, signal),
  });
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title={schedule.data ? `Change ${schedule.data.metadata.name}` : 'Change a schedule'} />
      {schedule.isPending && <Skeleton label="Reading the schedule" />}
      {schedule.isError && (
        <div className="px-4 md:px-6">
          <Failure>{schedule.error.message}</Failure>
        </div>
      )}
      {schedule.data && <Edit schedule={schedule.data} workspace={workspace} />}
    </div>
  );
}

/** What was there when the form was opened: what somebody else has changed meanwhile is not written over. */
function Edit({ schedule, workspace }: { schedule: Schedule; workspace: string }) {
  const seen = useRef(schedule).current;
  return (
    <ScheduleForm
      workspace={workspace}
      initial={fromSchedule(seen.metadata.name, seen.spec)}
      before={seen.spec}
      save={async ({ spec }) => {
        // The version changes with every start, too: only another spec is a conflict.
        const now = await api.getSchedule(workspace, seen.metadata.id);
        const isSame = now.metadata.generation === seen.metadata.generation;
        return api.updateSchedule(
          workspace,
          seen.metadata.id,
          { spec },
          isSame ? now.metadata.resourceVersion : seen.metadata.resourceVersion,
        );
      }}
    />
  );
}
