import type { Metadata } from 'next';
import { RunsOfSchedule } from '../../../../features/runs/runs-of-schedule.tsx';
import { SchedulePage } from '../../../../features/schedules/schedule-page.tsx';

export const metadata: Metadata = { title: 'Schedule' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <SchedulePage id={id}>
      <RunsOfSchedule scheduleId={id} />
    </SchedulePage>
  );
}
