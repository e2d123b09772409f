'use client';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useKeys } from '../../lib/keys.ts';
import { paths } from '../../lib/paths.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { EditTab } from './edit-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { RevisionsTab } from './revisions-tab.tsx';
import { ServiceEventsTab } from './service-events-tab.tsx';
import { ServiceHead } from './service-head.tsx';
import { ServiceSituation } from './service-situation.tsx';
import { useService } from './use-service.ts';

const TABS = ['overview', 'revisions', 'events', 'edit'] as const;
const TAB_WORDS = { overview: 'Overview', revisions: 'Revisions', events: 'Events', edit: 'Edit' };

export function ServicePage({ id }: { id: string }) {
  const workspace = useWorkspace();
  const { query, gone } = useService(workspace, id);
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('overview'));
  useKeys([
    { keys: 'o', label: 'Overview', run: () => void setTab('overview') },
    { keys: 'v', label: 'Revisions', run: () => void setTab('revisions') },
    { keys: 'e', label: 'Events', run: () => void setTab('events') },
    { keys: 'm', label: 'Edit', run: () => void setTab('edit') },
  ]);
  if (gone) {
    return (
      <Empty
        sentence="There is no such service here, or it was deleted."
        action={
          <Link href={paths.services(workspace)} className={buttonClass()}>
            To the services
          </Link>
        }
      />
    );
  }
  const service = query.data;
  if (!service) {
    return query.isError ? (
      <div className="p-6">
        <Failure action={<Button onClick={() => void query.refetch()}>Try again</Button>}>{query.error.message}</Failure>
      </div>
    ) : (
      <Skeleton label="Reading the service" />
    );
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="flex flex-col gap-3 px-4 pb-4 pt-4 md:px-6">
        <ServiceHead service={service} workspace={workspace} />
        <ServiceSituation status={service.status} />
      </div>
      <Tabs
        label="About this service"
        value={tab}
        onChange={(next) => void setTab(next)}
        tabs={TABS.map((value) => ({ value, label: TAB_WORDS[value] }))}
      >
        {tab === 'overview' && <OverviewTab service={service} workspace={workspace} />}
        {tab === 'revisions' && <RevisionsTab service={service} workspace={workspace} />}
        {tab === 'events' && <ServiceEventsTab service={service} workspace={workspace} />}
        {tab === 'edit' && <EditTab service={service} workspace={workspace} onApplied={() => void setTab('overview')} />}
      </Tabs>
    </div>
  );
}
