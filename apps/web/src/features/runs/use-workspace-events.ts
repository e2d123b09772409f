'use client';
import type { BerthEvent } from '@berth/shared/events/event';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { FrameQueue } from '../../lib/frame-queue.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useRealtime } from '../../lib/realtime-context.tsx';
import { applyToPages, type Pages } from './runs-cache.ts';

/** New runs and whatever a patch cannot know are read again at most this often. */
const REFRESH_MS = 400;
/** A busy fleet has events for every frame; drawn so often they are at once for a reader. */
const PATCH_MS = 100;

/** Keeps everything of the workspace in the query cache as the event stream says it is. */
export function useWorkspaceEvents(workspace: string): void {
  const cache = useQueryClient();
  const realtime = useRealtime();
  useEffect(() => {
    if (!realtime) return;
    const refresh = new Refresher(cache, workspace);
    const queue = new FrameQueue<BerthEvent>((events) => {
      patchLists(cache, workspace, events);
      for (const event of events) refresh.because(event);
    }, PATCH_MS);
    const stop = realtime.watchEvents(workspace, {
      events: (events) => queue.add(events),
      // The map of the hosts comes anew by its own subscription: a reading beside it could be the older of the two.
      missed: () =>
        void cache.invalidateQueries({
          queryKey: queryKeys.workspace(workspace),
          predicate: ({ queryKey }) => queryKey[2] !== queryKeys.hostMaps(workspace)[2],
        }),
    });
    return () => {
      stop();
      queue.close();
      refresh.stop();
    };
  }, [cache, realtime, workspace]);
}

function patchLists(cache: QueryClient, workspace: string, events: BerthEvent[]): void {
  cache.setQueriesData<Pages>({ queryKey: queryKeys.runLists(workspace), predicate: (query) => isPages(query.state.data) }, (data) =>
    data ? applyToPages(data, events) : data,
  );
}

function isPages(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'pages' in data;
}

const LIST_OF = {
  Service: 'services',
  Schedule: 'schedules',
  RunArray: 'run-arrays',
  Secret: 'secrets',
  Volume: 'volumes',
} as const satisfies Partial<Record<BerthEvent['kind'], string>>;

/** Collects what has to be read again, so that a burst of a thousand events costs one read. */
class Refresher {
  #runs = false;
  /** Hosts that came, went or changed: what counts or lists them. */
  #hosts = false;
  #hostsOf = new Set<string>();
  #eventsOf = new Set<string>();
  /** Of services, schedules and the like: what lists them, by the third part of its key. */
  #kept = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly cache: QueryClient,
    readonly workspace: string,
  ) {}

  because(event: BerthEvent): void {
    if (event.kind === 'Run') {
      this.#runs = true;
      this.#eventsOf.add(event.id);
      // What happens to a run changes what its host has to give.
      if ((event.type === 'run.phase' || event.type === 'run.replacing') && event.data.hostId !== null)
        this.#hostsOf.add(event.data.hostId);
    } else if (event.kind === 'Host' || event.kind === 'AgentUpdate') {
      this.#hosts = true;
      this.#hostsOf.add(event.id);
    } else this.#kept.add(LIST_OF[event.kind]);
    this.#timer ??= setTimeout(() => this.#flush(), REFRESH_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    const { cache, workspace } = this;
    if (this.#hosts) {
      void cache.invalidateQueries({ queryKey: queryKeys.hostTotals(workspace) });
      void cache.invalidateQueries({ queryKey: queryKeys.hostLists(workspace) });
    }
    if (this.#runs) for (const listener of headListeners) listener();
    const [hosts, runs, kept] = [this.#hostsOf, this.#eventsOf, this.#kept];
    // One look at what is in the cache: a fleet has more events than a screen has things.
    void cache.invalidateQueries({
      queryKey: queryKeys.workspace(workspace),
      predicate: ({ queryKey: [, , kind, id, part] }) =>
        kept.has(String(kind)) ||
        (typeof id === 'string' && ((kind === 'hosts' && hosts.has(id)) || (kind === 'run' && part === 'events' && runs.has(id)))),
    });
    this.#runs = false;
    this.#hosts = false;
    this.#hostsOf = new Set();
    this.#eventsOf = new Set();
    this.#kept = new Set();
  }
}

const headListeners = new Set<() => void>();
/** The list on the screen reads its first page again when told; it alone knows what its reader looks at. */
export function onRunsChanged(listener: () => void): () => void {
  headListeners.add(listener);
  return () => headListeners.delete(listener);
}
