import type { HostFilter } from '@berth/shared/model/host-map';

/** Keys of the query cache. Everything of a workspace lies under `workspace(…)`, so that one call can refresh all of it. */
export interface RunFilters extends Record<string, string | undefined> {
  /** Comma-separated phases. */
  phase?: string;
  /** Id of a host. */
  host?: string;
  image?: string;
  name?: string;
  label?: string;
  /** Ids of what started them. */
  schedule?: string;
  array?: string;
  /** "oldest": the oldest first. */
  order?: string;
}

/** As the route of the list takes them. */
export interface HostListQuery extends Record<string, string | undefined> {
  name?: string;
  limit?: string;
}

/** As the route of the list takes them. */
export interface ServiceListQuery extends Record<string, string | undefined> {
  name?: string;
  limit?: string;
}

export const queryKeys = {
  session: ['session'] as const,
  workspace: (workspace: string) => ['workspace', workspace] as const,
  runLists: (workspace: string) => ['workspace', workspace, 'runs'] as const,
  runList: (workspace: string, filters: RunFilters) => ['workspace', workspace, 'runs', filters] as const,
  run: (workspace: string, id: string) => ['workspace', workspace, 'run', id] as const,
  runEvents: (workspace: string, id: string) => ['workspace', workspace, 'run', id, 'events'] as const,
  runTerminals: (workspace: string, id: string) => ['workspace', workspace, 'run', id, 'terminals'] as const,
  runPlacement: (workspace: string, id: string) => ['workspace', workspace, 'run', id, 'placement'] as const,
  whatWouldDo: (workspace: string, id: string) => ['workspace', workspace, 'run', id, 'what-would-do'] as const,
  runStats: (workspace: string, id: string) => ['workspace', workspace, 'run', id, 'stats'] as const,
  /** All that is known of hosts but the map, which has a subscription of its own. */
  hosts: (workspace: string) => ['workspace', workspace, 'hosts'] as const,
  hostLists: (workspace: string) => ['workspace', workspace, 'hosts', 'list'] as const,
  hostList: (workspace: string, query: HostListQuery) => ['workspace', workspace, 'hosts', 'list', query] as const,
  hostTotals: (workspace: string) => ['workspace', workspace, 'hosts', 'totals'] as const,
  hostMaps: (workspace: string) => ['workspace', workspace, 'host-map'] as const,
  hostMap: (workspace: string, filter: HostFilter) => ['workspace', workspace, 'host-map', filter] as const,
  host: (workspace: string, id: string) => ['workspace', workspace, 'hosts', id] as const,
  hostImages: (workspace: string, id: string) => ['workspace', workspace, 'hosts', id, 'images'] as const,
  hostEvents: (workspace: string, id: string) => ['workspace', workspace, 'hosts', id, 'events'] as const,
  /** Below the lists of hosts, which change with them. */
  agentUpdates: (workspace: string) => ['workspace', workspace, 'hosts', 'list', 'agent-updates'] as const,
  allHosts: (workspace: string) => ['workspace', workspace, 'hosts', 'list', 'all'] as const,
  joinTokens: (workspace: string) => ['workspace', workspace, 'join-tokens'] as const,
  services: (workspace: string) => ['workspace', workspace, 'services'] as const,
  serviceList: (workspace: string, query: ServiceListQuery) => ['workspace', workspace, 'services', 'list', query] as const,
  service: (workspace: string, id: string) => ['workspace', workspace, 'services', id] as const,
  serviceReplicas: (workspace: string, id: string) => ['workspace', workspace, 'services', id, 'replicas'] as const,
  serviceRevisions: (workspace: string, id: string) => ['workspace', workspace, 'services', id, 'revisions'] as const,
  serviceEvents: (workspace: string, id: string) => ['workspace', workspace, 'services', id, 'events'] as const,
  /** What going back to this revision would do. */
  serviceRollBack: (workspace: string, id: string, revision: number) =>
    ['workspace', workspace, 'services', id, 'roll-back', revision] as const,
  /** What these versions of its secrets would do. */
  serviceRenewal: (workspace: string, id: string, versions: string) =>
    ['workspace', workspace, 'services', id, 'renewal', versions] as const,
  schedules: (workspace: string) => ['workspace', workspace, 'schedules'] as const,
  schedule: (workspace: string, id: string) => ['workspace', workspace, 'schedules', id] as const,
  scheduleList: (workspace: string, name: string) => ['workspace', workspace, 'schedules', 'list', name] as const,
  scheduleEvents: (workspace: string, id: string) => ['workspace', workspace, 'schedules', id, 'events'] as const,
  /** Of a spec that is being written: nothing of the workspace changes it. */
  scheduleStarts: (workspace: string, cron: string, timeZone: string) => ['schedule-starts', workspace, cron, timeZone] as const,
  runArrays: (workspace: string) => ['workspace', workspace, 'run-arrays'] as const,
  runArray: (workspace: string, id: string) => ['workspace', workspace, 'run-arrays', id] as const,
  runArrayList: (workspace: string, name: string) => ['workspace', workspace, 'run-arrays', 'list', name] as const,
  secrets: (workspace: string) => ['workspace', workspace, 'secrets'] as const,
  secretVersions: (workspace: string, id: string) => ['workspace', workspace, 'secrets', id, 'versions'] as const,
  volumes: (workspace: string) => ['workspace', workspace, 'volumes'] as const,
  registries: (workspace: string) => ['workspace', workspace, 'registries'] as const,
  settings: (workspace: string) => ['workspace', workspace, 'settings'] as const,
  tokens: (workspace: string) => ['workspace', workspace, 'tokens'] as const,
};
