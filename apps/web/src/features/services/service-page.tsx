'use client';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useKeys } from '../../lib/keys.ts';
import { paths } from '../../lib/paths.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { OneThing } from '../../ui/one-thing.tsx';
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
  const query = useService(workspace, id);
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('overview'));
  useKeys([
    { keys: 'o', label: 'Overview', run: () => void setTab('overview') },
    { keys: 'v', label: 'Revisions', run: () => void setTab('revisions') },
    { keys: 'e', label: 'Events', run: () => void setTab('events') },
    { keys: 'm', label: 'Edit', run: () => void setTab('edit') },
  ]);
  return (
    <OneThing
      query={query}
      none="There is no such service here, or it was deleted."
      list={{ href: paths.services(workspace), label: 'To the services' }}
      reading="Reading the service"
    >
      {(service) => (
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
      )}
    </OneThing>
  );
}
