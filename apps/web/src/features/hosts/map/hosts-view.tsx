'use client';
import type { HostCell } from '@berth/shared/model/host-map';
import { clsx } from 'clsx';
import { HostMapGrid } from './host-map.tsx';
import { HostTable } from './host-table.tsx';
import { MapLegend } from './map-legend.tsx';
import type { HostView } from './use-host-view.ts';

/** The map and the list side by side; one of them where there is no room for both. */
export function HostsView({ cells, view, workspace }: { cells: readonly HostCell[]; view: HostView; workspace: string }) {
  return (
    <div className="grid min-h-0 flex-1 grid-rows-[minmax(0,1fr)] lg:grid-cols-[minmax(320px,2fr)_minmax(0,3fr)]">
      <div className={clsx('flex min-h-0 flex-col gap-3 overflow-y-auto px-4 py-3 md:px-6', view.pane !== 'map' && 'max-lg:hidden')}>
        <MapLegend colour={view.colour} />
        <HostMapGrid cells={cells} group={view.group} colour={view.colour} workspace={workspace} />
      </div>
      <div className={clsx('flex min-h-0 flex-col lg:border-l lg:border-line', view.pane !== 'list' && 'max-lg:hidden')}>
        <HostTable cells={cells} view={view} workspace={workspace} />
      </div>
    </div>
  );
}
