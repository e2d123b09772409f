'use client';

import { useMemo } from 'react';
import { RunList } from './run-list.tsx';

export function RunsOfSchedule({ scheduleId }: { scheduleId: string }) {
  const filters = useMemo(() => ({ schedule: scheduleId }), [scheduleId]);
  return (
    <RunList filters={filters} empty={<p className="px-4 py-3 text-muted md:px-6">It has started nothing yet, or nothing is kept.</p>} />
  );
}
