'use client';
import type { BerthEvent } from '@berth/shared/events/event';
import type { Page } from '@berth/shared/http/lists';
import type { Host } from '@berth/shared/model/host';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queryKeys } from '../../lib/query-keys.ts';
import { useRealtime } from '../../lib/realtime-context.tsx';
import { applyToPages, type Pages } from './runs-cache.ts';

/** New runs and whatever a patch cannot know are read again at most this often. */
const REFRESH_MS = 400;

/** Keeps everything of the workspace in the query cache as the event stream says it is. */
export function useWorkspaceEvents(workspace: string): void {
  const cache = useQueryClient();
  const realtime = useRealtime();
  useEffect(() => {
    if (!realtime) return;
    const refresh = new Refresher(cache, workspace);
    const stop = realtime.watchEvents(workspace, {
      events: (events) => {
        patchLists(cache, workspace, events);
        for (const event of events) refresh.because(event);
      },
      missed: () => void cache.invalidateQueries({ queryKey: queryKeys.workspace(workspace) }),
    });
    return () => {
      stop();
      refresh.stop();
    };
  }, [cache, realtime, workspace]);
}

function patchLists(cache: QueryClient, workspace: string, events: BerthEvent[]): void {
  const hosts = cache.getQueryData<Page<Host>>(queryKeys.hosts(workspace));
  const hostName = (id: string) => hosts?.items.find((host) => host.metadata.id === id)?.metadata.name ?? null;
  cache.setQueriesData<Pages>({ queryKey: queryKeys.runLists(workspace), predicate: (query) => isPages(query.state.data) }, (data) =>
    data ? applyToPages(data, events, hostName) : data,
  );
}

function isPages(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'pages' in data;
}

/** Collects what has to be read again, so that a burst of a thousand events costs one read. */
class Refresher {
  #runs = false;
  #hosts = false;
  #eventsOf = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly cache: QueryClient,
    readonly workspace: string,
  ) {}

  because(event: BerthEvent): void {
    // Whatever happens to a run changes what its host has to give.
    this.#hosts = true;
    if (event.kind === 'Run') {
      this.#runs = true;
      this.#eventsOf.add(event.id);
    }
    this.#timer ??= setTimeout(() => this.#flush(), REFRESH_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#hosts) void this.cache.invalidateQueries({ queryKey: queryKeys.hosts(this.workspace) });
    if (this.#runs) for (const listener of headListeners) listener();
    for (const id of this.#eventsOf) void this.cache.invalidateQueries({ queryKey: queryKeys.runEvents(this.workspace, id) });
    this.#runs = false;
    this.#hosts = false;
    this.#eventsOf.clear();
  }
}

const headListeners = new Set<() => void>();
/** The list on the screen reads its first page again when told; it alone knows what its reader looks at. */
export function onRunsChanged(listener: () => void): () => void {
  headListeners.add(listener);
  return () => headListeners.delete(listener);
}
