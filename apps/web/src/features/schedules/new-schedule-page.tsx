'use client';
import { api } from '../../lib/api.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { PageHead } from '../../ui/page.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { emptyValues } from './schedule-values.ts';

export function NewSchedulePage() {
  const workspace = useWorkspace();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Add a schedule" />
      <ScheduleForm
        workspace={workspace}
        initial={emptyValues(Intl.DateTimeFormat().resolvedOptions().timeZone)}
        save={(request) => api.createSchedule(workspace, request)}
      />
    </div>
  );
}
