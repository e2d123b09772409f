'use client';
import type { Schedule } from '@berth/shared/model/schedule';
import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { OneThing } from '../../ui/one-thing.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Until } from '../../ui/time.tsx';
import { ScheduleActions } from './schedule-actions.tsx';
import { OutcomesTab, ScheduleEventsTab } from './schedule-history.tsx';
import { lookOfSchedule, OVERLAP_WORDS } from './schedule-state.ts';

const TABS = ['runs', 'starts', 'events'] as const;
const TAB_WORDS = { runs: 'Runs', starts: 'Last starts', events: 'Events' };
/** Whether its runs have ended changes without an event of the schedule. */
const LIVE_MS = 5000;

/** `children`: its runs, which are another feature's matter. */
export function SchedulePage({ id, children }: { id: string; children: React.ReactNode }) {
  const workspace = useWorkspace();
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('runs'));
  const query = useQuery({
    queryKey: queryKeys.schedule(workspace, id),
    queryFn: ({ signal }) => api.getSchedule(workspace, id, signal),
    refetchInterval: LIVE_MS,
  });
  return (
    <OneThing
      query={query}
      none="There is no such schedule here, or it was deleted."
      list={{ href: paths.schedules(workspace), label: 'To the schedules' }}
      reading="Reading the schedule"
    >
      {(schedule) => (
        <>
          <ScheduleHead schedule={schedule} workspace={workspace} />
          <Tabs
            label="About this schedule"
            value={tab}
            onChange={(next) => void setTab(next)}
            tabs={TABS.map((value) => ({ value, label: TAB_WORDS[value] }))}
          >
            {tab === 'runs' && children}
            {tab === 'starts' && <OutcomesTab schedule={schedule} workspace={workspace} />}
            {tab === 'events' && <ScheduleEventsTab id={id} workspace={workspace} />}
          </Tabs>
        </>
      )}
    </OneThing>
  );
}

/** Its name, what it does next and why, and what can be done to it. */
function ScheduleHead({ schedule, workspace }: { schedule: Schedule; workspace: string }) {
  const { metadata, spec, status } = schedule;
  const { command = [], args = [], image } = spec.template.spec;
  return (
    <header className="grid gap-3 px-4 py-4 md:px-6">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-80">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="min-w-0 break-all text-xl font-semibold tracking-tight">{metadata.name}</h1>
            <span role="status" className="contents">
              <StateBadge look={lookOfSchedule(schedule)} large />
            </span>
            {status.nextAt !== null && (
              <span className="text-muted">
                <Until at={status.nextAt} />
              </span>
            )}
          </div>
          <p className="break-words text-muted">{status.message.charAt(0).toUpperCase() + status.message.slice(1)}.</p>
        </div>
        <ScheduleActions schedule={schedule} workspace={workspace} />
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 md:max-w-3xl">
        <Fact name="Times">
          <span className="font-mono text-sm">{spec.cron}</span> {spec.timeZone ?? 'UTC'}
        </Fact>
        <Fact name="Runs">
          <span className="break-all font-mono text-sm">{[image, ...command, ...args].join(' ')}</span>
        </Fact>
        <Fact name="Overlap">{OVERLAP_WORDS[spec.overlap ?? 'forbid']}, if the run before has not ended</Fact>
        <Fact name="So far">
          {status.counts.started} started, {status.counts.skipped} left out, {status.counts.missed} missed, {status.counts.refused} refused
          {status.activeCount > 0 && <>; {status.activeCount === 1 ? 'one has' : `${status.activeCount} have`} not ended</>}
        </Fact>
      </dl>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
