/** Addresses, in one place: those of the console's pages and those of the REST API. */
const part = encodeURIComponent;

export const paths = {
  signIn: (next?: string) => (next && next !== '/' ? `/sign-in?next=${part(next)}` : '/sign-in'),
  runs: (workspace: string, filters: { label?: string } = {}) => {
    const search = new URLSearchParams(filters).toString();
    return `/${part(workspace)}/runs${search ? `?${search}` : ''}`;
  },
  newRun: (workspace: string, query: { image?: string; line?: string; from?: string; array?: string } = {}) => {
    const search = new URLSearchParams(query).toString();
    return `/${part(workspace)}/runs/new${search ? `?${search}` : ''}`;
  },
  run: (workspace: string, id: string, tab?: string) => `/${part(workspace)}/runs/${part(id)}${tab ? `?tab=${tab}` : ''}`,
  runArrays: (workspace: string) => `/${part(workspace)}/arrays`,
  runArray: (workspace: string, id: string) => `/${part(workspace)}/arrays/${part(id)}`,
  hosts: (workspace: string) => `/${part(workspace)}/hosts`,
  host: (workspace: string, id: string) => `/${part(workspace)}/hosts/${part(id)}`,
  services: (workspace: string) => `/${part(workspace)}/services`,
  newService: (workspace: string, query: { from?: string } = {}) => {
    const search = new URLSearchParams(query).toString();
    return `/${part(workspace)}/services/new${search ? `?${search}` : ''}`;
  },
  service: (workspace: string, id: string, tab?: string) => `/${part(workspace)}/services/${part(id)}${tab ? `?tab=${tab}` : ''}`,
  schedules: (workspace: string) => `/${part(workspace)}/schedules`,
  schedule: (workspace: string, id: string) => `/${part(workspace)}/schedules/${part(id)}`,
  newSchedule: (workspace: string) => `/${part(workspace)}/schedules/new`,
  editSchedule: (workspace: string, id: string) => `/${part(workspace)}/schedules/${part(id)}/edit`,
  secrets: (workspace: string) => `/${part(workspace)}/secrets`,
  volumes: (workspace: string) => `/${part(workspace)}/volumes`,
  registries: (workspace: string) => `/${part(workspace)}/registries`,
  apply: (workspace: string) => `/${part(workspace)}/apply`,
  tokens: (workspace: string) => `/${part(workspace)}/tokens`,
  settings: (workspace: string) => `/${part(workspace)}/settings`,
};

const workspacePath = (workspace: string) => `/v1/workspaces/${part(workspace)}`;
export const apiPaths = {
  runs: (workspace: string) => `${workspacePath(workspace)}/runs`,
  run: (workspace: string, id: string) => `${workspacePath(workspace)}/runs/${part(id)}`,
  runFile: (workspace: string, id: string, path: string) => `${workspacePath(workspace)}/runs/${part(id)}/files/content?path=${part(path)}`,
  terminals: (workspace: string, id: string) => `${workspacePath(workspace)}/runs/${part(id)}/terminals`,
  runLogs: (workspace: string, id: string) => `${workspacePath(workspace)}/runs/${part(id)}/logs`,
  stats: (workspace: string) => `${workspacePath(workspace)}/stats`,
  hosts: (workspace: string) => `${workspacePath(workspace)}/hosts`,
  agentUpdates: (workspace: string) => `${workspacePath(workspace)}/agent-updates`,
  joinTokens: (workspace: string) => `${workspacePath(workspace)}/join-tokens`,
  services: (workspace: string) => `${workspacePath(workspace)}/services`,
  service: (workspace: string, id: string) => `${workspacePath(workspace)}/services/${part(id)}`,
  schedules: (workspace: string) => `${workspacePath(workspace)}/schedules`,
  schedule: (workspace: string, id: string) => `${workspacePath(workspace)}/schedules/${part(id)}`,
  runArrays: (workspace: string) => `${workspacePath(workspace)}/run-arrays`,
  runArray: (workspace: string, id: string) => `${workspacePath(workspace)}/run-arrays/${part(id)}`,
  secrets: (workspace: string) => `${workspacePath(workspace)}/secrets`,
  volumes: (workspace: string) => `${workspacePath(workspace)}/volumes`,
  volumeBackup: (workspace: string, id: string) => `${workspacePath(workspace)}/volumes/${part(id)}/backup`,
  registries: (workspace: string) => `${workspacePath(workspace)}/registries`,
  apply: (workspace: string) => `${workspacePath(workspace)}/apply`,
  tokens: (workspace: string) => `${workspacePath(workspace)}/tokens`,
  settings: (workspace: string) => `${workspacePath(workspace)}/settings`,
};
